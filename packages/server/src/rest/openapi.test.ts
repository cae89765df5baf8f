import { allOperations } from "@cairn/operations/all";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { serving, stubPipeline } from "../test-support.ts";
import { bindings } from "./bindings.ts";
import { makeOpenApi } from "./openapi.ts";

type Json = { readonly [key: string]: Json } & readonly Json[] & string;
const document = JSON.parse(JSON.stringify(makeOpenApi(bindings, "1.2.3"))) as Json;

const walk = function* (value: unknown): Generator<readonly [string, unknown]> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    yield [key, inner];
    yield* walk(inner);
  }
};
const at = (pointer: string): unknown =>
  pointer
    .slice(2)
    .split("/")
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], document);
const calls = Object.entries(document["paths"] ?? {}).flatMap(([path, item]) =>
  Object.entries(item).map(([method, call]) => ({ path, method, call })),
);

describe("the OpenAPI document", () => {
  test("API-3: is version 3.1 and says what it is of", () => {
    expect(document).toMatchObject({
      openapi: "3.1.0",
      info: { title: "Cairn", version: "1.2.3", license: { identifier: "Apache-2.0" } },
    });
  });

  test("API-3: every reference leads somewhere", () => {
    const references = [...walk(document)].filter(([key]) => key === "$ref").map(([, value]) => String(value));
    expect(references.length).toBeGreaterThan(50);
    for (const reference of references) expect([reference, at(reference)]).toEqual([reference, expect.any(Object)]);
    expect(JSON.stringify(document)).not.toContain("#/$defs/");
  });

  test("API-3: every call has an id of its own, a summary, a section that is described, and answers", () => {
    const ids = calls.map(({ call }) => call["operationId"]);
    expect(new Set(ids).size).toBe(ids.length);
    const known = document["tags"]?.map((tag: Json) => tag["name"]);
    for (const { path, method, call } of calls) {
      const label = `${method} ${path}`;
      expect([label, String(call["summary"]).length > 3]).toEqual([label, true]);
      expect(known).toEqual(expect.arrayContaining([...(call["tags"] as unknown as string[])]));
      const answers = Object.entries(call["responses"] ?? {});
      expect([label, answers.some(([status]) => status.startsWith("2"))]).toEqual([label, true]);
      for (const [, answer] of answers) expect(answer).toMatchObject({ description: expect.any(String) });
    }
  });

  test("API-3: the parameters of a path are exactly those that are described", () => {
    for (const { path, call } of calls) {
      const inPath = Array.from(path.matchAll(/\{(\w+)\}/gu), ([, name]) => name);
      const described = ((call["parameters"] ?? []) as unknown as Json[]).filter(
        (given) => given["in"] === ("path" as unknown),
      );
      expect([path, described.map((given) => given["name"])]).toEqual([path, inPath]);
      for (const given of described) expect(given["required"]).toBe(true);
    }
  });

  test("API-3: names are those of the wire, never those of the code", () => {
    const names = [...walk(document["components"]), ...walk(document["paths"])]
      .filter(([key]) => key === "properties")
      .flatMap(([, value]) => Object.keys(value as object));
    expect(names).toContain("similarity_score");
    expect(names.filter((name) => /[A-Z]/u.test(name))).toEqual([]);
  });

  test("API-3 API-10: every operation has a route, and every route is described", () => {
    const routed = new Set(bindings.map(({ operation }) => operation.name));
    expect(allOperations.map(({ name }) => name).filter((name) => !routed.has(name))).toEqual([]);
    for (const { method, path } of bindings) expect(document["paths"]?.[path]?.[method.toLowerCase()]).toBeDefined();
  });

  test("API-3: each example passes the validation of its operation", () => {
    const examples = bindings.filter(({ example }) => example !== undefined);
    expect(examples.length).toBeGreaterThan(5);
    for (const { path, example, input, operation } of examples) {
      const names = Object.fromEntries(
        Array.from(path.matchAll(/\{(\w+)\}/gu), ([, name = ""]) => [
          name,
          name === "principal" ? "user:an-id" : "an-id",
        ]),
      );
      const parsed = z.safeParse(operation.input, input({ path: names, query: {}, body: example }));
      expect([path, parsed.error?.issues ?? []]).toEqual([path, []]);
    }
  });

  test("API-3: what a call takes and gives is described field by field", () => {
    const remember = document["paths"]?.["/v1/remember"]?.["post"];
    const body = remember?.["requestBody"]?.["content"]?.["application/json"]?.["schema"];
    expect(body).toMatchObject({
      required: ["content"],
      properties: { content: { type: "string", maxLength: 50_000 }, occurred_at: {}, skip_dedup: {} },
    });
    const batch =
      document["paths"]?.["/v1/remember/batch"]?.["post"]?.["requestBody"]?.["content"]?.["application/json"]?.[
        "schema"
      ];
    expect(batch).toMatchObject({ properties: { memories: { maxItems: 1_000, items: { required: ["content"] } } } });
    const list = document["paths"]?.["/v1/memories"]?.["get"]?.["parameters"] as unknown as Json[];
    expect(list.map((given) => given["name"])).toEqual(
      expect.arrayContaining(["tags", "limit", "cursor", "min_trust", "space"]),
    );
  });
});

test("API-3: the server gives the document at /openapi.json", async () => {
  await using server = await serving(stubPipeline(() => ({})));
  const { status, type, json } = await server.send("GET", "/openapi.json");
  expect([status, type, json.info.version]).toEqual([200, "application/json", "9.9.9"]);
});
