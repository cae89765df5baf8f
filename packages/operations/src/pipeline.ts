/**
 * The pipeline that every call goes through, whatever edge it came from: validate, authorise, run, meter, audit.
 * Edges translate; they never call an operation's `run` themselves.
 */
import { CairnError, type FieldProblem } from "@cairn/kernel/error";
import type { z } from "zod";
import type { Caller, Services } from "./context.ts";
import type { Operation, Permission, Usage } from "./operation.ts";
import { wireName } from "./wire.ts";

/** Decides whether a caller may do something to a space. An error while deciding is a denial. */
export interface Authority {
  readonly allows: (caller: Caller, permission: Permission, space: string | null) => Promise<boolean>;
}

/** One person on one machine: everything that reaches the loopback edge is theirs. */
export const singleUserAuthority: Authority = { allows: () => Promise.resolve(true) };

export interface CallRecord {
  readonly operation: string;
  readonly audit: Operation["audit"];
  readonly caller: Caller;
  readonly spaces: readonly string[];
  readonly outcome: "ok" | "denied" | "failed";
  readonly code: string | null;
  readonly milliseconds: number;
  readonly usage: Usage;
}

/** Receives what happened, never what was said: meters, audit logs and metrics subscribe here. */
export type CallObserver = (record: CallRecord) => void;

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

export const makePipeline = (services: Services, authority: Authority, observe: CallObserver): Pipeline => ({
  services,
  call: async (operation, caller, input) => {
    const started = performance.now();
    const spaces: string[] = [];
    let usage: Usage = {};
    let outcome: CallRecord["outcome"] = "failed";
    let code: string | null = null;
    const permit = async (space: string | null): Promise<boolean> => {
      try {
        return await authority.allows(caller, operation.permission, space);
      } catch {
        return false;
      }
    };
    const space = async (nameOrId = caller.defaultSpace): Promise<string> => {
      const found = await services.directory.resolve(nameOrId);
      if (found === null || !(await permit(found.id))) {
        throw new CairnError("space.not_found", "There is no such space, or it is not yours.", {
          hint: "List the spaces you may use with GET /v1/spaces.",
        });
      }
      if (!spaces.includes(found.id)) spaces.push(found.id);
      caller.usesSpace?.(found.id);
      return found.id;
    };
    try {
      const parsed = parseInput(operation.input, input);
      if (!(await permit(null))) throw new CairnError("space.not_found", "This call is not allowed here.");
      const output = await operation.run({ ...services, caller, space }, parsed);
      usage = operation.usage(parsed, output);
      outcome = "ok";
      return output;
    } catch (error) {
      code = error instanceof CairnError ? error.code : "internal";
      if (code === "space.not_found") outcome = "denied";
      throw error;
    } finally {
      const milliseconds = performance.now() - started;
      observe({
        operation: operation.name,
        audit: operation.audit,
        caller,
        spaces,
        outcome,
        code,
        milliseconds,
        usage,
      });
    }
  },
});
