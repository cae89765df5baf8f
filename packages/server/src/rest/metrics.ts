/**
 * `/metrics`: the figures of this process in the text format that Prometheus scrapes (version 0.0.4). Numbers only, of
 * the machinery and never of anybody's memories; texts and what is not there are left out.
 */
import type { Services } from "@cairn/operations/context";
import { answerHeaders, type Page } from "./app.ts";

const snake = (name: string): string => name.replace(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);

/** A line for every number in `figures`, under the names that lead to it; true is 1, false 0. */
export const metricLines = (prefix: string, figures: unknown): readonly string[] => {
  if (typeof figures === "number") return Number.isFinite(figures) ? [`${prefix} ${figures}`] : [];
  if (typeof figures === "boolean") return [`${prefix} ${figures ? 1 : 0}`];
  if (typeof figures !== "object" || figures === null || Array.isArray(figures)) return [];
  return Object.entries(figures).flatMap(([name, value]) => metricLines(`${prefix}_${snake(name)}`, value));
};

export const metricsPage = ({ embeddingFigures, poolFigures }: Services): Page => ({
  path: "/metrics",
  answer: (context) => {
    const { rss, heapUsed } = process.memoryUsage();
    const lines = [
      ...metricLines("cairn_embedding", embeddingFigures()),
      ...metricLines("cairn_vector_pool", poolFigures()),
      ...metricLines("cairn_process", { residentBytes: rss, heapBytes: heapUsed, uptimeSeconds: process.uptime() }),
    ];
    const headers = answerHeaders(context, { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" });
    return new Response(`${lines.join("\n")}\n`, { headers });
  },
});
