/**
 * `/healthz` and `/readyz`, for whoever starts, stops and balances servers: whether this process lives, which depends
 * on nothing, and whether it should be sent calls now. They answer no data, so they are answered under any Host: probes
 * come by address.
 */
import { type Readiness, readinessError } from "../observe/readiness.ts";
import { answerJson, type Page } from "./app.ts";
import { problemMediaType, problemOf } from "./problem.ts";

export const probePages = (readiness: Readiness): readonly Page[] => [
  { path: "/healthz", answer: (context) => answerJson(context, 200, { status: "ok" }) },
  {
    path: "/readyz",
    answer: async (context) => {
      const report = await readiness.report();
      const { checks, notReady } = report;
      if (report.ready) return answerJson(context, 200, { status: "ready", checks });
      const problem = problemOf(readinessError(report), context.var.record.requestId);
      const body = { ...problem, not_ready: notReady, checks };
      const answer = answerJson(context, problem.status, body, problemMediaType);
      answer.headers.set("Retry-After", "1");
      return answer;
    },
  },
];
