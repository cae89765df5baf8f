/** One call of one binding: read the request, call the pipeline, shape the answer. */
import type { IncomingMessage } from "node:http";
import { toCairnError } from "@cairn/kernel/error";
import { refuseCall } from "@cairn/memory/permission/may-call";
import type { Permission } from "@cairn/memory/permission/permission";
import type { Caller } from "@cairn/operations/context";
import type { IdempotencyStore, UsesSpace } from "@cairn/operations/idempotency";
import type { Pipeline } from "@cairn/operations/pipeline";
import type { Answer, Binding, RequestParts } from "./binding.ts";
import { bodyLimit, isDisconnect, readBody } from "./guard/body.ts";
import { idempotencyKey } from "./guard/idempotency-key.ts";
import { requireJson } from "./guard/content-type.ts";
import { parseJson } from "./guard/json.ts";
import { type JsonSchema, objectProperties, wireSchema } from "./json-schema.ts";
import { readQuery } from "./query-input.ts";

export interface IncomingCall {
  readonly incoming: IncomingMessage;
  readonly url: string;
  readonly path: Readonly<Record<string, string>>;
  readonly caller: Caller;
  /** Who calls, asked anew. Throws what asking may throw. */
  readonly callerNow?: () => Promise<Caller>;
}

export interface CallAnswer extends Answer {
  /** The error that this answer tells of, where it looks like a success. */
  readonly failure?: unknown;
  /** The answer is an earlier call's, which came with the same Idempotency-Key. */
  readonly replayed?: boolean;
}

/**
 * How long it is believed who calls while the body comes, milliseconds. Who sends it decides how long that takes, and
 * must not keep by it what is taken away meanwhile.
 */
const believedMs = 250;

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;

const readJsonBody = async (incoming: IncomingMessage, limit: number): Promise<unknown> => {
  if (!hasBody(incoming)) return undefined;
  requireJson(incoming.headers["content-type"], incoming.headers["content-encoding"]);
  return parseJson(await readBody(incoming, limit));
};

/** Query parameters of a route by wire name; made when the first query arrives. */
export const queryParameters = (
  binding: Binding,
): ReadonlyMap<string, { readonly schema: JsonSchema; readonly required: boolean }> => {
  const fromInput = binding.takesBody ? [] : objectProperties(wireSchema(binding.operation.input, "input"));
  const own = Object.entries(binding.query ?? {}).map(
    ([name, schema]) =>
      [name, { schema: wireSchema(schema, "input"), required: !schema.safeParse(undefined).success }] as const,
  );
  const inPath = new Set(Array.from(binding.path.matchAll(/\{([a-z_]+)\}/gu), (match) => match[1]));
  return new Map([...fromInput, ...own].filter(([name]) => !inPath.has(name)));
};

/** They answer nothing that they erase, and their answers are kept although something was erased. */
const erasing: ReadonlySet<string> = new Set(["memories.forget", "spaces.remove"]);

/** What makes and changes spaces answers with their names and descriptions. */
const namesSpaces: ReadonlySet<Permission> = new Set(["spaces:create", "spaces:manage"]);

/** Of the space that was made or changed: its name and description go when it goes. */
const idOf = (output: unknown): string =>
  typeof output === "object" && output !== null && "id" in output ? String(output.id) : "";

/**
 * Equal keys of one person in two organisations, or for two spaces, are two requests; and what a credential was answered
 * is not for a lesser one of the same person.
 */
const nameOf = ({ identity: { principal, organisation, space, scopes } }: Caller): string =>
  JSON.stringify([principal, organisation, space, ...(scopes === null ? [] : [scopes])]);

export const callBinding = (binding: Binding, pipeline: Pipeline, idempotency: IdempotencyStore) => {
  const { operation } = binding;
  const changesThings = operation.audit === "write" || operation.audit === "administrate";
  let known: ReturnType<typeof queryParameters> | undefined;

  const readParts = async ({ incoming, url, path }: IncomingCall): Promise<RequestParts> => {
    const search = url.indexOf("?");
    const query =
      search < 0 ? {} : readQuery(new URLSearchParams(url.slice(search)), (known ??= queryParameters(binding)));
    const body = binding.takesBody ? await readJsonBody(incoming, binding.bodyLimit ?? bodyLimit) : undefined;
    return { path, query, body };
  };

  /** Throws what the general error answer should tell. */
  return async (call: IncomingCall): Promise<CallAnswer> => {
    const { requestId } = call.caller;
    let parts: RequestParts = { path: call.path, query: {}, body: undefined };
    const started = performance.now();
    try {
      // Whoever may not make the call at all need not send its body; the pipeline says so, and records it.
      if (refuseCall(call.caller.identity, operation.permission) !== null)
        await pipeline.call(operation, call.caller, undefined);
      parts = await readParts(call);
      const begun = performance.now();
      const isOld = begun - started > believedMs && call.callerNow !== undefined;
      const caller = isOld ? await call.callerNow() : call.caller;
      const run = (as: Caller): Promise<unknown> => pipeline.call(operation, as, binding.input(parts));
      const key = changesThings ? idempotencyKey(call.incoming.headers["idempotency-key"]) : null;
      const runOnce = async (usesSpace: UsesSpace): Promise<unknown> => {
        const output = await run({
          ...caller,
          usesSpace: (space) => {
            usesSpace(space);
            caller.usesSpace?.(space);
          },
        });
        if (namesSpaces.has(operation.permission)) usesSpace(idOf(output));
        return output;
      };
      const asked = { principal: nameOf(caller), operation: operation.name, key: key ?? "", body: parts };
      const { answer: output, replayed } =
        key === null
          ? { answer: await run(caller), replayed: false }
          : await idempotency.once(
              { ...asked, plain: erasing.has(operation.name), confidential: operation.confidential === true },
              runOnce,
            );
      const milliseconds = performance.now() - begun;
      const body = binding.present(output as never, { parts, requestId, milliseconds });
      const status = typeof binding.status === "number" ? binding.status : binding.status(output as never);
      return { status, body, replayed };
    } catch (error) {
      if (isDisconnect(error)) throw error;
      const coded = toCairnError(error);
      const milliseconds = performance.now() - started;
      const answer = binding.errors.answer(coded, { parts, requestId, milliseconds });
      if (answer === null) throw coded;
      return { ...answer, failure: coded };
    }
  };
};
