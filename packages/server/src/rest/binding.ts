/**
 * A binding says how one HTTP route becomes one operation and its output becomes an answer. The router, the OpenAPI
 * document and the reference page all read the same table of bindings (`bindings.ts`), so none can tell of a route
 * that another does not have.
 */
import type { CairnError } from "@cairn/kernel/error";
import type { Operation } from "@cairn/operations/operation";
import { fromWire, toWire } from "@cairn/operations/wire";
import type { z } from "zod";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What a request said, still in wire names and unchecked. */
export interface RequestParts {
  readonly path: Readonly<Record<string, string>>;
  /** Already of the type that the operation's schema asks for, where the text allows it. */
  readonly query: Readonly<Record<string, unknown>>;
  /** `undefined` without a body. */
  readonly body: unknown;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** What a presenter may use besides the output. */
export interface AnswerContext {
  readonly parts: RequestParts;
  readonly requestId: string;
  /** Milliseconds that the operation took. */
  readonly milliseconds: number;
}

/** How a family of routes answers errors; `null` leaves it to the general answer, a problem document. */
export interface ErrorStyle {
  /** For the reference: the answers that errors get. */
  readonly kind: "problem" | "tribal";
  readonly answer: (error: CairnError, context: AnswerContext) => Answer | null;
}

export interface Binding {
  readonly method: Method;
  /** Parameters in braces, as in `/v1/memories/{id}`. */
  readonly path: string;
  readonly operation: Operation;
  /** The section of the reference. */
  readonly section: string;
  /** The operation id of this route; an operation may have several routes. */
  readonly routeId: string;
  readonly takesBody: boolean;
  /** Bytes that a body may have; the general limit when absent. */
  readonly bodyLimit?: number;
  readonly input: (parts: RequestParts) => unknown;
  readonly present: (output: never, context: AnswerContext) => unknown;
  /** The status of a success; a function where it depends on what came out. */
  readonly status: number | ((output: never) => number);
  readonly errors: ErrorStyle;
  /** The answer's schema in wire names where `present` makes another shape than the output's. */
  readonly answer?: z.ZodType;
  /** Query parameters under a name that the operation's input does not have: wire name → schema. */
  readonly query?: Readonly<Record<string, z.ZodType>>;
  /** The body's schema for the reference, where the operation's input is checked in steps that hide its parts. */
  readonly body?: z.ZodType;
  /** An input that works, in wire names, for the reference. */
  readonly example?: unknown;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The input that most routes mean: the fields of query and body, the path's last so that nothing overrides an id. */
export const plainInput = ({ path, query, body }: RequestParts): unknown => {
  // A body that is no object is passed on as it is: validation says what is wrong with it.
  if (body !== undefined && !isObject(body)) return body;
  return fromWire({ ...query, ...body, ...path });
};

export const problemStyle: ErrorStyle = { kind: "problem", answer: () => null };

export interface BindOptions<Out extends z.ZodType> {
  readonly section?: string;
  readonly routeId?: string;
  readonly bodyLimit?: number;
  readonly input?: (parts: RequestParts) => unknown;
  readonly present?: (output: z.output<Out>, context: AnswerContext) => unknown;
  /** 200 when absent. */
  readonly status?: number | ((output: z.output<Out>) => number);
  readonly errors?: ErrorStyle;
  readonly answer?: z.ZodType;
  readonly query?: Readonly<Record<string, z.ZodType>>;
  readonly body?: z.ZodType;
  readonly example?: unknown;
}

/** One line of the table: `bind("GET /v1/memories/{id}", getMemory)`. */
export const bind = <In extends z.ZodType, Out extends z.ZodType>(
  route: `${Method} /${string}`,
  operation: Operation<In, Out>,
  options: BindOptions<Out> = {},
): Binding => {
  const [method, path] = route.split(" ") as [Method, string];
  const { section, routeId, input, present, status, errors, ...rest } = options;
  return {
    method,
    path,
    operation,
    section: section ?? operation.name.split(".")[0] ?? "",
    routeId: routeId ?? operation.name,
    takesBody: method !== "GET" && method !== "DELETE",
    input: input ?? plainInput,
    present: present ?? toWire,
    status: status ?? 200,
    errors: errors ?? problemStyle,
    ...rest,
  };
};

export const pathParameters = (path: string): readonly string[] =>
  Array.from(path.matchAll(/\{([a-z_]+)\}/gu), (match) => match[1] ?? "");
