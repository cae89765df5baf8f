/** Pages of lists whose cursor is the id of the last item. */

/** Asks for one more than a page holds, which tells whether there are more. */
export const pageBy = async <Item extends { readonly id: string }>(
  limit: number,
  ask: (limit: number) => Promise<readonly Item[]>,
): Promise<{ readonly items: readonly Item[]; readonly cursor: string | null }> => {
  const found = await ask(limit + 1);
  const items = found.slice(0, limit);
  return { items, cursor: found.length > limit ? (items.at(-1)?.id ?? null) : null };
};
