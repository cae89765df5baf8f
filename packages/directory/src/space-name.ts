/** How names of spaces are written and compared. */
import { CairnError } from "@cairn/kernel/error";
import { isUuid } from "@cairn/kernel/id";
import { homeOrganisation } from "@cairn/memory/permission/identity";

const mostCharacters = 100;

/** What two names share that count as one: compatibility forms and case do not tell them apart (UAX #15, NFKC). */
export const nameKey = (name: string): string => name.normalize("NFKC").trim().toLowerCase().normalize("NFKC");

/**
 * What makes a name unique among all organisations. Names hold no control characters, so that none of the home
 * organisation looks like another's.
 */
export const uniqueKey = (organisation: string, name: string): string =>
  organisation === homeOrganisation ? nameKey(name) : `${organisation}\n${nameKey(name)}`;

/** What callers of one organisation say to mean a space, as ids and as names are compared. */
export interface SpaceReference {
  readonly id: string;
  readonly key: string;
}

/** Longer than any name can be written, with its blanks and every letter decomposed. */
const mostUnits = 4_096;

/** Null where it can name no space. */
export const referenceOf = (nameOrId: string, organisation: string): SpaceReference | null => {
  if (nameOrId.length > mostUnits || /\p{Cc}/u.test(nameOrId.trim())) return null;
  return { id: nameOrId.trim().toLowerCase(), key: uniqueKey(organisation, nameOrId) };
};

/** The name as it is kept. Throws request.invalid. */
export const spaceNameOf = (given: string): string => {
  const name = given.trim();
  const count = name.length > 2 * mostCharacters ? name.length : [...name].length;
  let problem: string | null = null;
  if (nameKey(name) === "" || count > mostCharacters) {
    problem = `name must be 1 to ${mostCharacters} characters; this has ${count}`;
  } else if (!name.isWellFormed() || /\p{Cc}/u.test(name)) {
    problem = "name must be well-formed Unicode without control characters";
  } else if (isUuid(nameKey(name))) {
    problem = "name must not look like an id";
  }
  if (problem === null) return name;
  throw new CairnError("request.invalid", problem, { problems: [{ path: "name", code: "invalid", message: problem }] });
};
