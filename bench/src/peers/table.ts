/** The peers' figures as tables: quality, and speed with its ratio to the first that was measured, plain FTS5. */
import type { ResultTable, Row } from "../result-file.ts";
import type { PeerFigures, PeerOutcome } from "./measure.ts";

const measured = (outcomes: readonly PeerOutcome[]): readonly PeerFigures[] =>
  outcomes.filter((outcome) => !("failed" in outcome)) as readonly PeerFigures[];

const versionsOf = ({ versions, peer }: PeerFigures): string =>
  peer.packages.map((name) => `${name} ${versions[name] ?? "?"}`).join(", ");

const digits = (value: number): string => value.toFixed(value < 10 ? 1 : 0);
const both = ({ p50, p95 }: { readonly p50: number; readonly p95: number }): string =>
  `${digits(p50)} / ${digits(p95)}`;

const qualityRow = (one: PeerFigures): Row => ({
  memory: one.peer.title,
  "recall@10": one.recall.toFixed(1),
  any: one.any.toFixed(1),
  all: one.all.toFixed(1),
  "empty answers": one.empty,
  version: versionsOf(one),
});

const notMeasured = (title: string, headings: readonly string[], why: string): Row =>
  Object.fromEntries(
    headings.map((heading, at) => [heading, at === 0 ? title : at === 1 ? `**not measured**: ${why}` : ""]),
  );

const speedRow = (one: PeerFigures, base: PeerFigures | undefined): Row => ({
  memory: one.peer.title,
  reached: one.peer.reached,
  "a recall, ms": both(one.recallTime),
  "× FTS5": base === undefined ? null : digits(one.recallTime.p50 / base.recallTime.p50),
  "one write, ms": both(one.write),
  "batch, texts/s": Math.round(one.batchPerSecond).toLocaleString("en"),
  "memory, MB": one.residentMb === null ? null : Math.round(one.residentMb),
  "disk, MB": digits(one.diskMb),
});

const rowsOf = (outcomes: readonly PeerOutcome[], row: (one: PeerFigures) => Row): readonly Row[] => {
  const [first] = measured(outcomes);
  const headings = first === undefined ? ["memory", "recall@10"] : Object.keys(row(first));
  return outcomes.map((outcome) =>
    "failed" in outcome ? notMeasured(outcome.peer.title, headings, outcome.failed) : row(outcome),
  );
};

export const peerTables = (outcomes: readonly PeerOutcome[], title: string): readonly ResultTable[] => {
  const base = measured(outcomes).find(({ peer }) => peer.name === "fts5");
  const embedding = measured(outcomes).find(({ peer }) => peer.name !== "fts5")?.embedding;
  const price = embedding === undefined ? "" : ` Embedding one question there takes ${both(embedding)} ms (p50 / p95).`;
  return [
    {
      title: `What is found: ${title}`,
      rows: rowsOf(outcomes, qualityRow),
      notes: outcomes.map(({ peer }) => `${peer.title}: ${peer.note}`),
    },
    {
      title: "How fast: the same run, p50 / p95",
      rows: rowsOf(outcomes, (one) => speedRow(one, base)),
      notes: [
        `Times include embedding, by the same model through one loopback service for all but Cairn, which embeds in its own process.${price}`,
        "Memory is that of the process that holds the store: for what runs in process, Python's and the driver's as well; for a server, the server's.",
      ],
    },
  ];
};

/** Lines for the terminal. */
export const showPeers = (outcomes: readonly PeerOutcome[]): readonly string[] =>
  peerTables(outcomes, "").flatMap(({ rows }) => {
    const headings = Object.keys(rows[0] ?? {});
    const cells = rows.map((row) => headings.map((heading) => String(row[heading] ?? "–")));
    const widths = headings.map((heading, at) => Math.max(heading.length, ...cells.map((row) => row[at]?.length ?? 0)));
    const line = (row: readonly string[]): string =>
      row
        .map((cell, at) => cell.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd();
    return ["", line(headings), ...cells.map(line)];
  });
