/**
 * What a search index needs of the lexicon: the names of authors, and the numbers of the terms in them. All other names
 * stay in the database, where a question looks up the few that it asks for.
 */
import { facetName } from "@cairn/memory/recall/entry";
import type { IndexLexicon } from "@cairn/memory/recall/search-index";
import { analyze } from "@cairn/memory/text/analyzer";
import type { ReadAuthor } from "./changes-since.ts";

export interface AuthorLexicon extends IndexLexicon {
  readonly add: (author: ReadAuthor) => void;
  /** Also a name that is no author's, for as long as somebody asks about it. */
  readonly note: (id: number, name: string) => void;
}

const prefixLength = facetName("author", "").length;

export const makeAuthorLexicon = (): AuthorLexicon => {
  const names = new Map<number, string>();
  const terms = new Map<string, number>();
  return {
    nameOf: (id) => names.get(id) ?? "",
    idOf: (term) => terms.get(term) ?? -1,
    add: ({ id, name, terms: numbers }) => {
      names.set(id, name);
      for (const [at, term] of analyze(name.slice(prefixLength)).entries()) {
        const number = numbers[at] ?? -1;
        if (number >= 0) terms.set(term, number);
      }
    },
    note: (id, name) => void names.set(id, name),
  };
};
