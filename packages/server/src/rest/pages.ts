/** What the server says of itself: its name, whether it lives and is ready, its description and the reference. */
import type { Metrics } from "../observe/metrics.ts";
import type { Readiness } from "../observe/readiness.ts";
import { answerHeaders, answerJson, type Page } from "./app.ts";
import { bindings } from "./bindings.ts";
import { docsPages } from "./docs.ts";
import { metricsPage } from "./metrics.ts";
import { makeOpenApi } from "./openapi.ts";
import { probePages } from "./probes.ts";

export interface PagesOptions {
  readonly version: string;
  readonly readiness: Readiness;
  /** Null where nobody counts. */
  readonly metrics: Metrics | null;
}

export const pages = ({ version, readiness, metrics }: PagesOptions): readonly Page[] => {
  let description: string | undefined;
  return [
    {
      path: "/",
      // TribalMemory's clients look for its name here.
      answer: (context) =>
        answerJson(context, 200, { service: "tribal-memory", name: "cairn", version, docs: "/docs" }),
    },
    ...probePages(readiness),
    {
      path: "/openapi.json",
      answer: (context) => {
        description ??= JSON.stringify(makeOpenApi(bindings, version));
        return new Response(description, { headers: answerHeaders(context, { "Content-Type": "application/json" }) });
      },
    },
    ...(metrics === null ? [] : [metricsPage(metrics)]),
    ...docsPages(),
  ];
};
