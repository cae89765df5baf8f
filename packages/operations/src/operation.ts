/**
 * What an operation is: one thing a caller can ask for, defined once and offered by every interface (API-10). Its
 * schemas validate on every edge and generate the API description; its permission, meter and audit are applied by the
 * pipeline, so no operation and no edge can forget them.
 *
 * Schemas use camelCase names; edges that speak JSON map them to snake_case with `wire.ts`.
 */
import type { Permission } from "@cairn/memory/permission/permission";
import type { z } from "zod";
import type { CallContext } from "./context.ts";

/** What one call adds to the caller's usage (TEN-6). */
export interface Usage {
  readonly queries?: number;
  /** Stored; negative where they were deleted. */
  readonly memories?: number;
  /** Texts that were turned into vectors. */
  readonly embeddings?: number;
}

/** The most that a call can come to, as limits see it before it runs (TEN-5). */
export interface Expected extends Usage {
  readonly spaces?: number;
  /** Also invited ones. */
  readonly members?: number;
  /** Keys that are bound to an agent instance. */
  readonly agents?: number;
  /** Of a recall. */
  readonly results?: number;
}

export interface Operation<In extends z.ZodType = z.ZodType, Out extends z.ZodType = z.ZodType> {
  /** `noun.verb`, unique; also the OpenAPI operation id. */
  readonly name: string;
  /** One line for lists and tool titles. */
  readonly summary: string;
  /** What a caller, person or model, needs to know to use it well. */
  readonly description: string;
  readonly input: In;
  readonly output: Out;
  readonly permission: Permission;
  readonly audit: "read" | "write" | "administrate" | "none";
  readonly usage: (input: z.output<In>, output: z.output<Out>) => Usage;
  /** The most that it can come to, so that limits are kept before any work is done; nothing when absent. */
  readonly expects?: (input: z.output<In>) => Expected;
  /** Its answer holds a secret that is told once: nothing may keep it. */
  readonly confidential?: true;
  /** Ids of what was acted on, for the audit; `id`s of input and output when absent (`subjects.ts`). */
  readonly subjects?: (input: z.output<In>, output: z.output<Out>) => readonly string[];
  readonly run: (context: CallContext, input: z.output<In>) => Promise<z.output<Out>>;
}

/** Declares an operation; exists to infer its schemas. */
export const defineOperation = <In extends z.ZodType, Out extends z.ZodType>(
  operation: Operation<In, Out>,
): Operation<In, Out> => Object.freeze(operation);

export const noUsage = (): Usage => ({});
