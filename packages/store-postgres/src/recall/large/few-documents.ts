/** A search index of the few documents that the database found, which gives them the scores of the whole space's. */
import { decodeEntry } from "@cairn/memory/recall/entry";
import { makeSearchIndex, type SearchIndex, type SearchRequest } from "@cairn/memory/recall/search-index";
import type { KindFigures } from "./candidates.ts";
import { makeFewVectors } from "./few-vectors.ts";
import type { FoundRows } from "./read-found.ts";

export interface FewDocuments {
  readonly found: FoundRows;
  readonly figures: KindFigures;
  readonly lastDoc: number;
  /** How many passages of the space hold a term. */
  readonly holding: ReadonlyMap<number, number>;
  /** The question's terms, by their number in the space. */
  readonly terms: readonly number[];
  /** Every name that the question looked up, with its number in the space. */
  readonly named: ReadonlyMap<string, number>;
  /** Names of authors by their number. */
  readonly authors: ReadonlyMap<number, string>;
}

export const authorsOf = ({ documents }: FoundRows): readonly number[] => [
  ...new Set(documents.map(({ entry }) => decodeEntry(entry).facets.author).filter((author) => author !== 0)),
];

/** Documents are numbered as in the space, terms as in it too. */
export const indexFew = (few: FewDocuments): Pick<SearchIndex, "search" | "around"> => {
  const { found, figures, lastDoc, holding, terms, named, authors } = few;
  // By the order of their numbers, so that equal scores fall as they do among all.
  const documents = found.documents.toSorted((one, other) => one.n - other.n);
  const placeOf = new Map(documents.map(({ n }, at) => [n, at] as const));
  const numberOfTerm = new Map<number, number>();
  for (const term of terms) if (term >= 0 && !numberOfTerm.has(term)) numberOfTerm.set(term, numberOfTerm.size);
  const numberOf = (term: number): number => numberOfTerm.get(term) ?? -1;
  const held = [...numberOfTerm.keys()].map((term) => holding.get(term) ?? 0);
  const index = makeSearchIndex(
    makeFewVectors(),
    { nameOf: (id) => authors.get(id) ?? "", idOf: (term) => numberOf(named.get(term) ?? -1) },
    {
      documents: lastDoc + 1,
      passages: figures.passages,
      length: figures.length,
      holding: (term) => held[term] ?? 0,
      numberOf,
    },
  );
  for (const [at, { entry, from }] of documents.entries()) index.add(at, entry, from, Number.POSITIVE_INFINITY);
  for (const { doc, bytes, scale } of found.vectors) {
    const at = placeOf.get(doc);
    if (at !== undefined) index.addVector(at, bytes, scale);
  }
  return {
    search: (request: SearchRequest) => {
      const { entryOf: _, ...once } = request;
      const result = index.search({ ...once, terms: request.terms.map(numberOf) });
      return {
        ...result,
        candidates: result.candidates.map((candidate) => ({ ...candidate, doc: documents[candidate.doc]!.n })),
      };
    },
    around: (doc, distance) => {
      const at = placeOf.get(doc);
      return at === undefined ? [] : index.around(at, distance);
    },
  };
};
