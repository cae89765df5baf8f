import { readdirSync } from "node:fs";
import { permissionNames } from "@cairn/memory/permission/permission";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { allOperations } from "./all.ts";

const folder = new URL("operations/", import.meta.url);
const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
  .map((file) => file.replaceAll("\\", "/"));

describe("the list of operations", () => {
  test("API-10 names each once, after its file", () => {
    const names = allOperations.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const fromFiles = files.map((file) => file.replace(/\.ts$/u, "").replace("/", ".").replaceAll("-", "_"));
    expect(names.toSorted()).toEqual(fromFiles.toSorted());
  });

  test.each(allOperations.map((operation) => [operation.name, operation] as const))(
    "API-10 %s declares its permission, audit and words",
    (_name, operation) => {
      expect(permissionNames).toContain(operation.permission);
      expect(operation.audit).toMatch(/^(read|write|administrate|none)$/u);
      expect(operation.audit === "none").toBe(operation.permission === "public");
      expect(operation.summary).toMatch(/^[A-Z].{3,60}[^.]$/u);
      expect(operation.description).toMatch(/^[A-Z].+\.$/su);
    },
  );

  test.each(allOperations.map((operation) => [operation.name, operation] as const))(
    "API-3 the schemas of %s say in JSON Schema what they take and give",
    (_name, operation) => {
      expect(z.toJSONSchema(operation.input, { io: "input" })).toMatchObject({ type: "object" });
      expect(z.toJSONSchema(operation.output, { io: "output" })).toMatchObject({ type: "object" });
    },
  );
});
