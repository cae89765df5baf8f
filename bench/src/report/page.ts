/** `docs/benchmarks.md` as a function of the kept results: nothing on the page is typed twice. */
import type { Machine, Result, Row } from "../result-file.ts";
import { tableLines, tableSection } from "./markdown.ts";
import { notComparable, publishedRows } from "./published.ts";
import { howTo } from "./text.ts";

/** Order and headings of the kinds of benchmark on the page. */
const kinds: readonly { readonly bench: string; readonly heading: string; readonly about: string }[] = [
  {
    bench: "recall",
    heading: "Recall",
    about:
      "Evidence recall through the HTTP API, without a language model anywhere: of each question's evidence, how much is among the first ten. Memories carry author, date and session unless the run says `--plain`: then everyone gets one text, “[date] author: text”, and nothing else is known.",
  },
  {
    bench: "peers",
    heading: "Beside other memories",
    about:
      "Measured by `bench/peers` in one run, one after the other, on the same work, with the same vectors for everyone. Anyone can run it again: it installs exact versions from PyPI. Times on a shared machine move from minute to minute, so read the ratio to FTS5 of the same run, and no difference below two times.",
  },
  { bench: "embed", heading: "Embedding", about: "What a text costs, by embedder, in this process." },
  {
    bench: "queue",
    heading: "One tenant imports, another asks",
    about: "How much longer a question takes while somebody else imports. The bar is 1.5 times at the 95th percentile.",
  },
  { bench: "speed", heading: "Speed", about: "Client and server on the same machine, over HTTP, embedding included." },
  {
    bench: "scale",
    heading: "Scale",
    about: "One space that grows; in process, without HTTP, which adds 1 to 2 ms at every size.",
  },
  {
    bench: "tenants",
    heading: "Many tenants on PostgreSQL",
    about:
      "The cloud engine in process, on a PostgreSQL of its own that syncs every commit: spaces of 100 memories, few and many, the tables in memory; and one large space. The bars are 1.2 for many against few, 25 ms and .99 for the large space.",
  },
];

const machineText = ({ cores, processor, memoryGb, system, node }: Machine): string =>
  `${cores} cores (${processor}), ${memoryGb} GB, ${system}, Node ${node}`;

const resultLines = (result: Result, machines: readonly string[]): readonly string[] => {
  const versions = Object.entries(result.versions).map(([name, version]) => `${name} ${version}`);
  const machine = machines.indexOf(machineText(result.machine)) + 1;
  const on = machines.length > 1 ? `, machine ${machine}` : "";
  return [
    `### ${result.name}`,
    "",
    `\`npm run bench -- ${result.command}\`, ${result.date}${on}; ${versions.join(", ")}.`,
    "",
    ...result.tables.flatMap((table) => tableSection(table, 4)),
  ];
};

/** Runs on LoCoMo first, the plainest first. */
const inOrder = (one: Result, other: Result): number =>
  Number(other.name.includes("locomo")) - Number(one.name.includes("locomo")) || one.name.length - other.name.length;

/** Kinds that the page does not know come last, under their own name, rather than not at all. */
const sections = (results: readonly Result[], machines: readonly string[]): readonly string[] => {
  const others = [...new Set(results.map(({ bench }) => bench))].filter((name) =>
    kinds.every(({ bench }) => bench !== name),
  );
  const all = [...kinds, ...others.map((bench) => ({ bench, heading: bench, about: "" }))];
  return all.flatMap(({ bench, heading, about }) => {
    const own = results.filter((result) => result.bench === bench).toSorted(inOrder);
    if (own.length === 0) return [];
    return [
      `## ${heading}`,
      "",
      ...(about === "" ? [] : [about, ""]),
      ...own.flatMap((one) => resultLines(one, machines)),
    ];
  });
};

/** Ours on LoCoMo, as the first rows of the table of what is published. */
const ownRows = (results: readonly Result[]): readonly Row[] =>
  results.toSorted(inOrder).flatMap(({ bench, name, versions, tables }): readonly Row[] => {
    const all = tables[0]?.rows[0];
    if (bench !== "recall" || !name.startsWith("recall-locomo") || all === undefined) return [];
    const told = name.includes("-plain") ? "one text a memory" : "author, date and session told";
    return [
      {
        memory: `**Cairn** with ${versions["embedder"] ?? "its embedder"}, ${told}`,
        set: "LoCoMo, 1,982 questions of all five categories",
        figure: `${all["recall@10"]}; ${all["any"]}; ${all["all"]} %`,
        measure: "evidence recall@10; any; all evidence among ten results, no language model",
        source: `${name}, above`,
      },
    ];
  });

export const renderPage = (results: readonly Result[]): string => {
  const machines = [...new Set(results.map(({ machine }) => machineText(machine)))];
  const lines = [
    "# Benchmarks",
    "",
    "<!-- Written by `npm run bench -- report` from bench/results and bench/src/report: change those, not this page. -->",
    "",
    ...howTo,
    "",
    "## Where these figures come from",
    "",
    ...machines.map((machine, at) => `- ${machines.length > 1 ? `Machine ${at + 1}: ` : ""}${machine}.`),
    "",
    "The machine is virtual and shared: other work ran beside. Milliseconds are there to be read; what is held against baselines is quality and ratios within one run.",
    "",
    ...sections(results, machines),
    "## What others publish",
    "",
    "Not run here: what each says of itself, with where it says so. Ours stand above them to be read, not to be ranked: the next section says why.",
    "",
    ...tableLines([...ownRows(results), ...publishedRows]),
    "",
    "## What is not comparable",
    "",
    ...notComparable.map((point) => `- ${point}`),
  ];
  return `${lines.join("\n")}\n`;
};
