import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readResults, type Result, writeResult } from "../result-file.ts";
import { tableLines } from "./markdown.ts";
import { renderPage } from "./page.ts";
import { pageFile } from "./report.ts";

describe("the page of benchmarks", () => {
  test("REC-8 what is committed is what its results render to", () => {
    // Where this fails: npm run bench -- report
    expect(readFileSync(pageFile, "utf8")).toBe(renderPage(readResults()));
  });

  const result: Result = {
    bench: "recall",
    name: "recall-own",
    command: "recall",
    date: "2026-01-02",
    machine: { cores: 2, processor: "Some", memoryGb: 8, system: "Linux 6 x64", node: "24.0.0" },
    versions: { cairn: "0.1.0", embedder: "table@1" },
    tables: [{ title: "Own", rows: [{ questions: "all", "recall@10": "81.0" }], notes: ["A note."] }],
  };

  test("REC-8 tells machine, versions, command and date of every result, and what is not comparable", () => {
    const page = renderPage([result]);
    expect(page).toContain("- 2 cores (Some), 8 GB, Linux 6 x64, Node 24.0.0.");
    expect(page).toContain("`npm run bench -- recall`, 2026-01-02; cairn 0.1.0, embedder table@1.");
    expect(page).toContain(
      "| questions | recall@10 |\n| --------- | --------- |\n| all       | 81.0      |\n\n- A note.",
    );
    expect(page).toMatch(
      /## What others publish\n[\s\S]*https:\/\/arxiv\.org[\s\S]*## What is not comparable\n\n- \*\*/,
    );
  });

  test("REC-8 results of several machines say which each is from, and no kind of result is lost", () => {
    const other = { ...result, bench: "new", name: "new", machine: { ...result.machine, cores: 64 } };
    const page = renderPage([result, other]);
    expect(page).toContain("- Machine 2: 64 cores");
    expect(page).toContain("2026-01-02, machine 2;");
    expect(page).toContain("## new\n");
  });

  test("REC-8 cells that would break a table do not", () => {
    expect(tableLines([{ a: "x|y\nz", b: null }])).toEqual([
      "| a      | b   |",
      "| ------ | --- |",
      "| x\\|y z | –   |",
    ]);
  });

  test("REC-8 a result that is kept is read back with this machine and version", () => {
    const folder = mkdtempSync(join(tmpdir(), "cairn-results-"));
    try {
      const { bench, name, command, tables } = result;
      writeResult({ bench, name, command, tables, versions: { embedder: "table@1" } }, folder);
      // A list that fits stands on one line, as the formatter has it.
      expect(readFileSync(join(folder, `${name}.json`), "utf8")).toContain('      "notes": ["A note."]\n');
      const [kept] = readResults(folder);
      expect(kept).toMatchObject({ bench, name, command, tables, versions: { embedder: "table@1" } });
      expect(kept?.machine.node).toBe(process.versions.node);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
