/** What others publish about themselves, each with where it stands, and why it is not set beside our figures. */
import type { Row } from "../result-file.ts";

interface Published {
  readonly memory: string;
  readonly set: string;
  readonly figure: string;
  readonly measure: string;
  readonly source: string;
}

const judged = "answers that a language model judges right";
const mem0Paper = "[arXiv 2504.19413](https://arxiv.org/abs/2504.19413)";

const published: readonly Published[] = [
  {
    memory: "Mem0; with its graph",
    set: "LoCoMo, categories 1–4",
    figure: "66.9; 68.4 %",
    measure: judged,
    source: mem0Paper,
  },
  {
    memory: "LangMem; OpenAI's memory; Zep, all as run by Mem0",
    set: "LoCoMo, categories 1–4",
    figure: "58.1; 52.9; 66.0 %",
    measure: judged,
    source: mem0Paper,
  },
  {
    memory: "Zep, 2025, its answer to that (84.6 % at first, then corrected)",
    set: "LoCoMo, categories 1–4",
    figure: "75.1 %",
    measure: judged,
    source: "[Zep's blog](https://blog.getzep.com/lies-damn-lies-statistics-is-mem0-really-sota-in-agent-memory/)",
  },
  {
    memory: "Zep, its page today",
    set: "LoCoMo, 1,540 questions; LongMemEval, 500",
    figure: "94.7; 90.2 %",
    measure: `${judged}; 5,760 and 4,408 tokens a question`,
    source: "[getzep.com/research](https://www.getzep.com/research/)",
  },
  {
    memory: "Letta: conversations as files, an agent that searches them",
    set: "LoCoMo",
    figure: "74.0 %",
    measure: `${judged}; the agent searches as often as it likes`,
    source: "[Letta's blog](https://www.letta.com/blog/benchmarking-ai-agent-memory)",
  },
  {
    memory: "Hindsight, its largest model",
    set: "LoCoMo; LongMemEval",
    figure: "89.6; 91.4 %",
    measure: `${judged}; facts extracted by a language model`,
    source: "[arXiv 2512.12818](https://arxiv.org/abs/2512.12818)",
  },
  {
    memory: "AutoMem, November 2025",
    set: "LoCoMo, all five categories",
    figure: "76.1 %",
    measure: "its own accuracy, 1,511 of 1,986 questions",
    source:
      "[its repository](https://github.com/verygoodplugins/automem/blob/main/tests/benchmarks/BENCHMARK_2025-11-08.md)",
  },
  {
    memory: "Memory Recall 1.0.4",
    set: "LoCoMo",
    figure: "78; 67 %",
    measure: "any; all evidence found, up to 48 results and 4,096 tokens",
    source: "[its release notes](https://github.com/rebel0789/Memory-Recall/releases/tag/v1.0.4)",
  },
];

export const publishedRows: readonly Row[] = published.map((one) => ({ ...one }));

export const notComparable: readonly string[] = [
  "**Answers against evidence.** Most figures above count answers that one language model wrote and another judged. Ours count whether the turns that hold the evidence were found; no model is asked. A system can answer right without the evidence, and wrong with it, and the model that writes moves such a figure by many points (Hindsight's own, on LongMemEval: 83.6 % with a small one, 91.4 % with a large one).",
  "**How much may be shown.** Ten turns are a few hundred tokens. Others show thousands, or let an agent search until it is content. “Within 900 tokens” above is the closest that we have.",
  "**Categories.** Published LoCoMo figures mostly leave out category 5, the adversarial questions. Ours hold all five; the table by category lets anyone leave it out.",
  "**What is stored.** mem0, Zep and Hindsight rewrite conversations into facts with a language model before they store them. In our comparison mem0 runs with that off, because it would measure the model; its users would see other results, at the price of a model call a write.",
  "**Who is told what.** “Cairn” is told author, date and session apart from the text, “Cairn, same text” is not. Only the second is like for like: the others have no place to put sessions, so it is also the row to compare.",
  "**By hand.** FTS5, LanceDB and Chroma are databases. Their rows are what a few lines of code on top of them find, not products for agents.",
  "**Durability.** Cairn and FTS5 here wait for the disk at each write. LanceDB does not; what the others promise of a single write was not examined, so their times for one write may buy less.",
  "**In process and over HTTP.** A library is called without a server in between, and pays with the memory of the program that calls it. Cairn and TribalMemory are reached over HTTP, which costs some tenths of a millisecond here.",
  "**One machine, one moment.** All times come from small shared machines under changing load.",
  "**LoCoMo itself** has ten conversations, some wrong evidence, and questions about pictures that only their captions tell. It is CC BY-NC 4.0, for evaluation only, and no part of this project; constants of Cairn were fitted on its first five conversations (dev), so `test` is the honest column.",
];
