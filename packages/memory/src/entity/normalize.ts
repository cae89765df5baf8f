const once = (name: string): string =>
  name
    .normalize("NFKC")
    .toLowerCase()
    .normalize("NFD")
    .replace(/(?<=[\p{sc=Latin}\p{sc=Greek}]\p{Mn}{0,8})\p{Mn}/gu, "")
    .normalize("NFKC")
    .replaceAll("ß", "ss")
    .replaceAll("ς", "σ")
    .replace(/[\u2018\u2019\u02bc]/gu, "'")
    .replace(/[\u200b-\u200d\u2060\ufeff\u00ad]/gu, "")
    .replace(/\s+/gu, " ")
    .trim()
    .replace(/^the (?=.)/u, "")
    .replace(/(?<=.)'s?$/u, "");

/**
 * The name under which an entity is known: NFKC, lower case, accents of Latin and Greek letters folded, whitespace collapsed,
 * without "the" before or a possessive behind. Idempotent. Marks of other scripts carry meaning and stay.
 */
export const normalizeEntity = (name: string): string => {
  let text = name;
  for (let round = 0; round < 8; round += 1) {
    const next = once(text);
    if (next === text) break;
    text = next;
  }
  return text;
};
