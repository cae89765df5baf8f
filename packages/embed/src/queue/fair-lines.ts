/**
 * Who is next: a line of texts for each tenant, served in turn by deficit round robin (Shreedhar & Varghese 1996).
 * Each visit gives a line credit for a number of characters; it hands out texts while its credit lasts. So a tenant
 * with long texts gets no more than one with short ones, and one with 50,000 texts no more than one with a single one.
 */
export interface Bounds {
  readonly texts: number;
  readonly characters: number;
}

export interface Queued {
  /** Characters. */
  readonly cost: number;
  /** False for what nobody waits for any more, or what went out through another tenant's line. */
  readonly waits: () => boolean;
  /** Called when it is taken; it no longer waits then. */
  readonly begin: () => void;
}

export interface FairLines<Item extends Queued> {
  readonly push: (tenant: string, item: Item) => void;
  /**
   * Takes what fits within the bounds, at least one item where any waits, each tenant's in order. While several
   * tenants wait it takes an eighth of the bounds, so that they follow each other quickly.
   */
  readonly take: (bounds: Bounds) => readonly Item[];
  /** Whether anything waits. */
  readonly any: () => boolean;
}

interface Line<Item> {
  readonly tenant: string;
  items: Item[];
  /** Where the line begins in `items`. */
  from: number;
  credit: number;
}

/** What a batch may have while several tenants wait: a part of the bounds, but not less than this. */
const mixedShare = 1 / 8;
const leastMixed: Bounds = { texts: 8, characters: 4_000 };

const mixed = (whole: Bounds): Bounds => ({
  texts: Math.min(whole.texts, Math.max(leastMixed.texts, Math.floor(whole.texts * mixedShare))),
  characters: Math.min(whole.characters, Math.max(leastMixed.characters, whole.characters * mixedShare)),
});

/** How often a tenant is visited until it alone has filled a batch. */
const visits = 8;

export const makeFairLines = <Item extends Queued>(): FairLines<Item> => {
  const lines = new Map<string, Line<Item>>();
  /** The order of turns; each tenant with a line is in it once. */
  let turns: string[] = [];

  /** The first that still waits; what does not is left behind for good. */
  const head = (line: Line<Item>): Item | undefined => {
    while (line.from < line.items.length && line.items[line.from]?.waits() !== true) line.from += 1;
    if (line.from > 1_000 && line.from * 2 > line.items.length) {
      line.items = line.items.slice(line.from);
      line.from = 0;
    }
    return line.items[line.from];
  };

  const dropEmpty = (): void => {
    turns = turns.filter((tenant) => {
      const line = lines.get(tenant);
      const keeps = line !== undefined && head(line) !== undefined;
      if (!keeps) lines.delete(tenant);
      return keeps;
    });
  };

  return {
    push: (tenant, item) => {
      const line = lines.get(tenant);
      if (line !== undefined) {
        line.items.push(item);
        return;
      }
      lines.set(tenant, { tenant, items: [item], from: 0, credit: 0 });
      turns.push(tenant);
    },
    any: () => {
      dropEmpty();
      return turns.length > 0;
    },
    take: (whole) => {
      dropEmpty();
      const { texts, characters } = turns.length > 1 ? mixed(whole) : whole;
      const visit = { texts: Math.max(1, Math.floor(texts / visits)), characters: characters / visits };
      const taken: Item[] = [];
      let size = 0;
      for (let full = false; !full;) {
        const line = lines.get(turns.shift() ?? "");
        if (line === undefined) break;
        // Credit that the number of texts kept a line from spending does not pile up.
        line.credit = Math.min(line.credit + visit.characters, characters);
        let overflows = false;
        for (let left = visit.texts; left > 0; left -= 1) {
          const item = head(line);
          const cost = Math.min(item?.cost ?? 0, characters);
          overflows = item !== undefined && cost <= line.credit && taken.length > 0 && size + cost > characters;
          full = overflows || taken.length >= texts;
          if (item === undefined || full || cost > line.credit) break;
          line.credit -= cost;
          line.from += 1;
          size += cost;
          item.begin();
          taken.push(item);
        }
        if (head(line) === undefined) lines.delete(line.tenant);
        // What only lacked the room begins the next batch, or short texts of others would always be before it.
        else if (overflows) turns.unshift(line.tenant);
        else turns.push(line.tenant);
      }
      return taken;
    },
  };
};
