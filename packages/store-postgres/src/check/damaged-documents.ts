/** Current index entries that cannot be read, or that speak of words which the lexicon does not hold. */
import { visitNames } from "@cairn/memory/recall/entry";
import type { DocumentKind } from "@cairn/memory/write/write-store";
import type { Connection } from "../connection/pool.ts";

export interface DamagedDocument {
  readonly n: number;
  readonly kind: DocumentKind;
  readonly owner: number;
}

interface KnownNames {
  readonly has: (id: number) => boolean;
  readonly add: (id: number) => void;
}

/** One bit a name: a large lexicon takes little. */
const makeKnownNames = (): KnownNames => {
  let bits = new Uint8Array(1_024);
  return {
    has: (id) => ((bits[id >> 3] ?? 0) & (1 << (id & 7))) !== 0,
    add: (id) => {
      if (id >> 3 >= bits.length) {
        const more = new Uint8Array(Math.max(2 * bits.length, (id >> 3) + 1));
        more.set(bits);
        bits = more;
      }
      bits[id >> 3]! |= 1 << (id & 7);
    },
  };
};

const portion = 1_000;
const mostNumber = 2 ** 31 - 1;

interface Walked {
  readonly damaged: readonly DamagedDocument[];
  /** The last document that was looked at; null when there are no more. */
  readonly last: number | null;
}

type Row = DamagedDocument & { readonly entry: Uint8Array };

/** The next portion of the current documents after a number. Names that are found are added to `known`. */
export const walkDocuments = async (
  connection: Connection,
  space: string,
  after: number,
  known: KnownNames,
): Promise<Walked> => {
  const rows = await connection.query<Row>(
    `SELECT n, kind, owner, entry FROM docs
     WHERE space = $1 AND n > $2 AND entry IS NOT NULL AND to_at IS NULL ORDER BY n LIMIT ${portion}`,
    [space, after],
  );
  const read = rows.map(({ entry, ...document }) => {
    const asked = new Set<number>();
    const whole = visitNames(entry, (name) => void (name !== 0 && !known.has(name) && asked.add(name)));
    return { document, whole, asked };
  });
  const asked = new Set(read.flatMap((one) => [...one.asked]).filter((name) => name > 0 && name <= mostNumber));
  const found = await connection.query<{ readonly id: number }>(
    `SELECT n.id FROM unnest($2::integer[]) AS w (id)
     CROSS JOIN LATERAL (SELECT n.id FROM names n WHERE n.space = $1 AND n.id = w.id LIMIT 1) n`,
    [space, [...asked]],
  );
  for (const { id } of found) known.add(id);
  const damaged = read.filter(
    (one) => !one.whole || [...one.asked].some((name) => name > mostNumber || !known.has(name)),
  );
  return {
    damaged: damaged.map(({ document }) => document),
    last: rows.length < portion ? null : rows.at(-1)!.n,
  };
};

/** Gone through to the end; `take` is given what is damaged, a portion at a time. */
export const eachDamaged = async (
  walk: (after: number, known: KnownNames) => Promise<Walked>,
  take: (damaged: readonly DamagedDocument[]) => Promise<void> | void,
): Promise<void> => {
  const known = makeKnownNames();
  for (let after: number | null = -1; after !== null;) {
    const { damaged, last }: Walked = await walk(after, known);
    if (damaged.length > 0) await take(damaged);
    after = last;
  }
};
