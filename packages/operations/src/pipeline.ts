/**
 * The pipeline that every call goes through, whatever edge it came from: may it be made at all, is there room for it, is
 * its input valid, does the plan allow it; then the operation runs, and what happened is settled and told. Edges
 * translate; they never call an operation's `run` themselves.
 */
import { isDeepStrictEqual } from "node:util";
import type { Millis } from "@cairn/kernel/clock";
import { CairnError, type FieldProblem } from "@cairn/kernel/error";
import { newId } from "@cairn/kernel/id";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import { homeOrganisation } from "@cairn/memory/permission/identity";
import { refuseCall } from "@cairn/memory/permission/may-call";
import type { z } from "zod";
import type { Caller, Services } from "./context.ts";
import { guardedEngine } from "./guarded-engine.ts";
import { type Admission, type CallLimits, unlimited } from "./limits.ts";
import type { Operation, Usage } from "./operation.ts";
import { refusalError, signInRequired } from "./refusal.ts";
import { makeSpaceAccesses } from "./space-access.ts";
import { subjectsOf } from "./subjects.ts";
import { wireName } from "./wire.ts";

export interface CallRecord {
  /** Of the call, a UUIDv7; its audit entry has the same. */
  readonly id: string;
  readonly at: Millis;
  readonly operation: string;
  readonly audit: Operation["audit"];
  readonly caller: Caller;
  readonly spaces: readonly string[];
  /** Ids of what was acted on. */
  readonly subjects: readonly string[];
  readonly outcome: "ok" | "denied" | "failed";
  readonly code: string | null;
  readonly milliseconds: number;
  readonly usage: Usage;
}

/** Receives what happened, never what was said: meters, audit logs and metrics subscribe here. */
export type CallObserver = (record: CallRecord) => void;

export interface PipelineOptions {
  /** None when absent. */
  readonly limits?: CallLimits;
  readonly observe?: CallObserver;
  /** Whether writes are audited in their transactions (TEN-8). */
  readonly audits?: () => Promise<boolean>;
}

export interface Pipeline {
  readonly call: <In extends z.ZodType, Out extends z.ZodType>(
    operation: Operation<In, Out>,
    caller: Caller,
    input: unknown,
  ) => Promise<z.output<Out>>;
  readonly services: Services;
}

const mostProblems = 20;

/** The problems of a failed parse in wire names, so that a client reads its own field names. */
export const fieldProblems = (error: z.ZodError): readonly FieldProblem[] =>
  error.issues.slice(0, mostProblems).map((issue) => ({
    path: issue.path.map((part) => (typeof part === "string" ? wireName(part) : String(part))).join("."),
    code: issue.code ?? "invalid",
    message: issue.message,
  }));

export const parseInput = <Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> => {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = fieldProblems(parsed.error);
  const first = problems[0];
  const detail = first === undefined ? "" : ` ${first.path === "" ? "" : `${first.path}: `}${first.message}`;
  throw new CairnError("request.invalid", `The request is not valid.${detail}`, { problems });
};

/** Codes that say no to this caller, rather than to what it asked. */
const denials: ReadonlySet<string> = new Set([
  "auth.required",
  "auth.forbidden",
  "auth.scope_missing",
  "organisation.suspended",
  "space.not_found",
  "space.forbidden",
  "limit.exceeded",
  "limit.rate_exceeded",
]);

const noteOf = (id: string, at: Millis, operation: Operation, caller: Caller): AuditEntry | undefined => {
  const { identity, instance, address, requestId } = caller;
  if (operation.audit !== "write" && operation.audit !== "administrate") return undefined;
  return {
    id,
    at,
    organisation: identity.organisation ?? homeOrganisation,
    principal: identity.principal,
    credential: identity.credential,
    key: identity.key,
    instance,
    operation: operation.name,
    kind: operation.audit,
    outcome: "ok",
    code: null,
    spaces: [],
    subjects: [],
    address,
    requestId,
  };
};

/** How long it is believed who calls, milliseconds: a call may wait longer for its turn. */
const believedMs = 250;

/** A right that was taken away while the call waited is gone. Throws auth.forbidden, and what identifying throws. */
const requireSame = async ({ identity, identifyAgain }: Caller): Promise<void> => {
  if (identifyAgain === undefined || isDeepStrictEqual(await identifyAgain(), identity)) return;
  throw new CairnError("auth.forbidden", "What you may do has changed while this call waited; send it again.");
};

export const makePipeline = (
  services: Services,
  { limits = unlimited, observe = () => undefined, audits = async () => false }: PipelineOptions = {},
): Pipeline => ({
  services,
  call: async (operation, caller, input) => {
    const started = performance.now();
    const [id, at] = [newId(), services.clock()];
    const { identity } = caller;
    const accesses = makeSpaceAccesses(services, caller, operation.permission);
    const { space, may, reasonFor } = accesses;
    let admission: Admission | undefined;
    let usage: Usage = {};
    let subjects: readonly string[] = [];
    let outcome: CallRecord["outcome"] = "failed";
    let code: string | null = null;
    try {
      const audited = await audits();
      const refusal = refuseCall(identity, operation.permission);
      // Counted also where the answer is no: a key that is not for this must not ask for it without end.
      admission = await limits.admit(caller, operation);
      if (refusal !== null) throw refusalError(refusal);
      const parsed = parseInput(operation.input, input);
      if (operation.expects !== undefined) await admission.expect(operation.expects(parsed));
      if (performance.now() - started > believedMs) await requireSame(caller);
      const engine = guardedEngine(services.engine, operation.permission, (id) => accesses.used().includes(id));
      const context = {
        ...services,
        engine,
        caller,
        get organisation(): string {
          if (identity.organisation === null) throw signInRequired();
          return identity.organisation;
        },
        note: audited ? noteOf(id, at, operation, caller) : undefined,
        space,
        may,
        reasonFor,
      };
      const output = await operation.run(context, parsed);
      usage = operation.usage(parsed, output);
      subjects = subjectsOf(operation, parsed, output);
      outcome = "ok";
      return output;
    } catch (error) {
      code = error instanceof CairnError ? error.code : "internal";
      if (denials.has(code)) outcome = "denied";
      throw error;
    } finally {
      await admission?.end(outcome === "ok" ? usage : null);
      const milliseconds = performance.now() - started;
      observe({
        id,
        at,
        operation: operation.name,
        audit: operation.audit,
        caller,
        spaces: accesses.used(),
        subjects,
        outcome,
        code,
        milliseconds,
        usage,
      });
    }
  },
});
