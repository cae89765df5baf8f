/** The memories that are measured beside Cairn: exact versions from PyPI, and what a reader must know of each. */
export interface Peer {
  /** What `--only` takes. */
  readonly name: string;
  readonly title: string;
  /** Module in `bench/peers/drivers`. */
  readonly driver: string;
  /** For pip. */
  readonly requirements: readonly string[];
  /** Packages whose versions are told with the figures. */
  readonly packages: readonly string[];
  readonly reached: "in process" | "HTTP";
  /** Cairn is told author, date and session apart, as its users tell it. */
  readonly fields?: true;
  readonly note: string;
}

const everyText = "[date] author: text";

export const peers: readonly Peer[] = [
  {
    name: "fts5",
    title: "SQLite FTS5",
    driver: "fts5",
    requirements: [],
    packages: [],
    reached: "in process",
    note: "BM25 over stemmed words, any of them, without stop words; synchronous=full, as Cairn has it. No vectors.",
  },
  {
    name: "lancedb",
    title: "LanceDB hybrid",
    driver: "lancedb_hybrid",
    requirements: ["lancedb==0.40.0", "pyarrow==26.0.1"],
    packages: ["lancedb"],
    reached: "in process",
    note: "By hand: its text index and its vectors, joined by its own rank fusion; optimized after each batch.",
  },
  {
    name: "chroma",
    title: "Chroma",
    driver: "chroma_dense",
    requirements: ["chromadb==1.5.9"],
    packages: ["chromadb"],
    reached: "in process",
    note: "By hand: vectors only.",
  },
  {
    name: "mem0",
    title: "mem0, infer=False",
    driver: "mem0_plain",
    requirements: ["mem0ai==2.2.1"],
    packages: ["mem0ai", "qdrant-client"],
    reached: "in process",
    note: "Its main feature, facts extracted by a language model, is off; local Qdrant, no text index.",
  },
  {
    name: "tribalmemory",
    title: "TribalMemory",
    driver: "tribal",
    requirements: ["tribalmemory==0.6.2", "lancedb==0.40.0"],
    packages: ["tribalmemory", "lancedb"],
    reached: "HTTP",
    note: "Its server and its defaults (hybrid, heuristic reranking, min_relevance 0.3); skip_dedup is set.",
  },
  {
    name: "cairn-plain",
    title: "Cairn, same text",
    driver: "cairn",
    requirements: [],
    packages: [],
    reached: "HTTP",
    note: `Told nothing but the text that everyone gets, "${everyText}".`,
  },
  {
    name: "cairn",
    title: "Cairn",
    driver: "cairn",
    requirements: [],
    packages: [],
    reached: "HTTP",
    fields: true,
    note: "Told author, date and session apart from the text, as its users tell it; no other memory here takes them.",
  },
];
