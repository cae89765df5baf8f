/** Documents, and the numbers of the names in their entries, for the rules of writing. */
import type { DocumentStore, StoredDocument } from "@cairn/memory/write/write-store";
import { makeNameGiver } from "../../space/lexicon.ts";
import type { OpenSpace } from "../../space/open-space.ts";
import { noteWords } from "./erased.ts";

/** Of one transaction: what names it adds is forgotten with it. */
export const documentStore = ({ write, lexicon }: OpenSpace): DocumentStore => ({
  // Under the write lock nobody else can take it.
  nextDocument: () => Number(write("SELECT seq FROM sqlite_sequence WHERE name = 'docs'").pluck().get() ?? 0) + 1,
  insertDocument: ({ seq, kind, owner, version, from, entry }) =>
    Number(
      write("INSERT INTO docs (seq, kind, owner, version, from_at, entry) VALUES (?, ?, ?, ?, ?, ?)").run(
        seq,
        kind,
        owner,
        version,
        from,
        entry,
      ).lastInsertRowid,
    ),
  closeDocument: (doc, seq, to) => {
    write("UPDATE docs SET to_at = ?, seq = ? WHERE n = ?").run(to, seq, doc);
  },
  eraseEntry: (doc, seq) => {
    write("UPDATE docs SET entry = NULL, to_at = 0, seq = ? WHERE n = ?").run(seq, doc);
  },
  documentsOf: (owner, kind) =>
    write("SELECT n, version, entry FROM docs WHERE owner = ? AND kind = ? ORDER BY n").all(
      owner,
      kind,
    ) as StoredDocument[],
  nameId: makeNameGiver(write("INSERT INTO names (name) VALUES (?)"), lexicon),
  noteErased: (entries) => noteWords(write, entries),
});
