import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FileEdit } from "./file-edit.ts";
import { renderDiff } from "./line-diff.ts";

const edit = (before: string | null, after: string | null): FileEdit => ({
  client: "codex",
  path: "config.toml",
  target: "config.toml",
  before,
  after,
  outcome: "connected",
  mode: 0o600,
});
const diff = (before: string | null, after: string | null): string => renderDiff(edit(before, after), { color: false });

/** Reads a unified diff back onto a text: an independent check that the hunks say what happened. */
const patch = (before: string, shown: string): string => {
  const lines = before.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const out: string[] = [];
  let next = 0;
  let mark = "";
  for (const line of shown.split("\n").slice(2, -1)) {
    const hunk = /^@@ -(\d+),(\d+) /.exec(line);
    if (hunk !== null) {
      const start = Number(hunk[1]) - (hunk[2] === "0" ? 0 : 1);
      out.push(...lines.slice(next, start));
      next = start;
    } else if (line.startsWith("\\")) {
      if (mark === "+") out.push(out.pop()?.slice(0, -1) ?? "");
    } else {
      mark = line.slice(0, 1);
      if (mark !== "+") expect(lines[next++]?.replace(/\n$/, "")).toBe(line.slice(1));
      if (mark === " ") out.push(lines[next - 1] ?? "");
      if (mark === "+") out.push(`${line.slice(1)}\n`);
    }
  }
  return [...out, ...lines.slice(next)].join("");
};

describe("API-7: the diff that init shows", () => {
  test("a change comes with three lines of context, near changes in one hunk", () => {
    const before = Array.from({ length: 30 }, (_, index) => `line ${index + 1}\n`).join("");
    const after = before.replace("line 10\n", "line ten\n").replace("line 14\n", "").replace("line 30\n", "line 30");
    expect(diff(before, after)).toBe(
      [
        "--- config.toml",
        "+++ config.toml",
        "@@ -7,11 +7,10 @@",
        " line 7",
        " line 8",
        " line 9",
        "-line 10",
        "+line ten",
        " line 11",
        " line 12",
        " line 13",
        "-line 14",
        " line 15",
        " line 16",
        " line 17",
        "@@ -27,4 +26,4 @@",
        " line 27",
        " line 28",
        " line 29",
        "-line 30",
        "+line 30",
        "\\ No newline at end of file",
        "",
      ].join("\n"),
    );
  });

  test("a new file, a removed one and an unchanged one", () => {
    expect(diff(null, "a\r\n")).toBe("--- /dev/null\n+++ config.toml\n@@ -0,0 +1,1 @@\n+a\n");
    expect(diff("a", null)).toBe("--- config.toml\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-a\n\\ No newline at end of file\n");
    expect(diff("a", "a")).toBe("");
  });

  test("colours only when asked", () => {
    expect(renderDiff(edit("a\n", "b\n"), { color: true })).toContain("\u001b[31m-a\u001b[0m\n\u001b[32m+b\u001b[0m");
    expect(diff("a\n", "b\n")).not.toContain("\u001b");
  });

  test("megabytes around one change cost nothing", () => {
    const line = `${"x".repeat(100)}\n`;
    const started = performance.now();
    expect(diff(line.repeat(40_000), `${line.repeat(20_000)}new\n${line.repeat(20_000)}`)).toContain("+new");
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  const text = fc
    .tuple(fc.array(fc.constantFrom("a", "b", "c", "", "d e"), { maxLength: 14 }), fc.boolean())
    .map(([lines, closed]) => lines.join("\n") + (closed && lines.length > 0 ? "\n" : ""));

  test("applied to the old text it gives the new one", () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(patch(before, diff(before, after))).toBe(after);
      }),
    );
  });

  const hasPatch = ((): boolean => {
    try {
      execFileSync("patch", ["--version"], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  })();

  test.skipIf(!hasPatch)("the usual patch program understands it (skipped where there is none)", () => {
    const folder = mkdtempSync(join(tmpdir(), "cairn-diff-"));
    try {
      const before = "a\nb\nc\nd\ne\nf\ng";
      const after = "a\nB\nc\nd\ne\nf\ng\nh\n";
      writeFileSync(join(folder, "config.toml"), before);
      execFileSync("patch", ["-p0"], { cwd: folder, input: diff(before, after) });
      expect(readFileSync(join(folder, "config.toml"), "utf8")).toBe(after);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
