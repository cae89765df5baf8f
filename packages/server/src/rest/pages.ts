/** What the server says of itself: its name, whether it lives, its description and the reference. */
import type { Services } from "@cairn/operations/context";
import { answerHeaders, answerJson, type Page } from "./app.ts";
import { bindings } from "./bindings.ts";
import { docsPages } from "./docs.ts";
import { metricsPage } from "./metrics.ts";
import { makeOpenApi } from "./openapi.ts";

export const pages = (services: Services): readonly Page[] => {
  const { version } = services.settings;
  let description: string | undefined;
  return [
    {
      path: "/",
      // TribalMemory's clients look for its name here.
      answer: (context) =>
        answerJson(context, 200, { service: "tribal-memory", name: "cairn", version, docs: "/docs" }),
    },
    { path: "/healthz", answer: (context) => answerJson(context, 200, { status: "ok" }) },
    {
      path: "/openapi.json",
      answer: (context) => {
        description ??= JSON.stringify(makeOpenApi(bindings, version));
        return new Response(description, { headers: answerHeaders(context, { "Content-Type": "application/json" }) });
      },
    },
    metricsPage(services),
    ...docsPages(),
  ];
};
