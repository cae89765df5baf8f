/** The documents and the lexicon of a space as a write transaction leaves them. */
import { facetName, visitNames } from "@cairn/memory/recall/entry";
import { analyze } from "@cairn/memory/text/analyzer";
import type { DocumentStore, NewDocument, StoredDocument } from "@cairn/memory/write/write-store";
import { type Facts, pairKey } from "./facts.ts";
import type { Numbering } from "./numbering.ts";

export interface DocumentOverlay {
  readonly store: DocumentStore;
  /** By number; the entry is null where it was erased again. */
  readonly inserted: ReadonlyMap<number, Omit<NewDocument, "entry"> & { entry: Uint8Array | null; to: number | null }>;
  readonly closed: ReadonlyMap<number, { readonly seq: number; readonly to: number }>;
  readonly erased: ReadonlyMap<number, number>;
  /** New names with their numbers. */
  readonly names: ReadonlyMap<string, number>;
  /** The numbers of the terms of a new author's name; −1 for a term that nothing holds. */
  readonly termsOf: (name: string) => readonly number[] | null;
  readonly stale: ReadonlySet<number>;
}

const noDocuments: readonly StoredDocument[] = [];
const authorPrefix = facetName("author", "");

export const makeDocumentOverlay = (
  facts: Facts,
  numbers: Numbering,
  isNew: (row: number) => boolean,
): DocumentOverlay => {
  const inserted = new Map<number, Omit<NewDocument, "entry"> & { entry: Uint8Array | null; to: number | null }>();
  const closed = new Map<number, { seq: number; to: number }>();
  const erased = new Map<number, number>();
  const names = new Map<string, number>();
  const stale = new Set<number>();

  const knownName = (name: string): number | null => names.get(name) ?? facts.get("name", name, null);
  const authorTerms = (name: string): readonly number[] =>
    analyze(name.slice(authorPrefix.length)).map((term) => knownName(term) ?? -1);

  const store: DocumentStore = {
    nextDocument: () => numbers.doc + 1,
    insertDocument: (document) => {
      inserted.set(++numbers.doc, { ...document, to: null });
      numbers.texts++;
      return numbers.doc;
    },
    closeDocument: (doc, seq, to) => {
      const own = inserted.get(doc);
      if (own === undefined) closed.set(doc, { seq, to });
      else inserted.set(doc, { ...own, seq, to });
    },
    eraseEntry: (doc, seq) => {
      numbers.texts--;
      const own = inserted.get(doc);
      if (own === undefined) erased.set(doc, seq);
      else inserted.set(doc, { ...own, seq, to: 0, entry: null });
    },
    documentsOf: (owner, kind) => {
      const loaded = isNew(owner) ? noDocuments : facts.get("documents", pairKey(owner, kind), noDocuments);
      const own = [...inserted]
        .filter(([, document]) => document.owner === owner && document.kind === kind)
        .map(([n, { version, entry }]) => ({ n, version, entry }));
      return [...loaded.map((document) => (erased.has(document.n) ? { ...document, entry: null } : document)), ...own];
    },
    nameId: (name) => {
      const known = knownName(name);
      if (known !== null) return known;
      names.set(name, ++numbers.name);
      // Asked for now, so that they are known when the name is written.
      if (name.startsWith(authorPrefix)) authorTerms(name);
      return numbers.name;
    },
    noteErased: (entries) => {
      for (const entry of entries) visitNames(entry, (name) => void (name > 0 && stale.add(name)));
    },
  };
  return {
    store,
    inserted,
    closed,
    erased,
    names,
    termsOf: (name) => (name.startsWith(authorPrefix) ? authorTerms(name) : null),
    stale,
  };
};
