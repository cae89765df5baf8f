/** `/metrics`: the figures of this process, as Prometheus scrapes them; `observe/metrics.ts` says what they are. */
import type { Metrics } from "../observe/metrics.ts";
import { answerHeaders, type Page } from "./app.ts";

export const metricsPage = ({ text, contentType }: Pick<Metrics, "text" | "contentType">): Page => ({
  path: "/metrics",
  permission: "metrics:read",
  answer: async (context) =>
    new Response(await text(), { headers: answerHeaders(context, { "Content-Type": contentType }) }),
});
