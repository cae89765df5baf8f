import { expect, test } from "vitest";
import { workerFile } from "./worker-file.ts";

test("a worker run from source is the TypeScript file beside its module", () => {
  expect(workerFile("file:///a/src/pool.ts", "./store-worker.ts").href).toBe("file:///a/src/store-worker.ts");
  expect(workerFile("file:///a/src/pool.ts", "../x/store-worker.ts").href).toBe("file:///a/x/store-worker.ts");
});

test("a worker of the bundle lies beside the bundle under its base name", () => {
  expect(workerFile("file:///p/main.js", "./store-worker.ts").href).toBe("file:///p/store-worker.js");
  expect(workerFile("file:///p/chunk-a.js", "../x/store-worker.ts").href).toBe("file:///p/store-worker.js");
});

test("a folder whose name has a space or a question mark is no obstacle", () => {
  expect(workerFile("file:///a%20b/%3F/main.js", "./store-worker.ts").href).toBe("file:///a%20b/%3F/store-worker.js");
});
