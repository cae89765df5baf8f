/** Figures as plain data become metrics: a name for every number, made of the names that lead to it. */

/** How many names one collector may make; what it counts is a matter of the code, never of data. */
const mostNames = 200;
const namePattern = /^[a-z][a-z0-9_]{0,119}$/u;

const snake = (name: string): string => name.replace(/[A-Z]/gu, (letter) => `_${letter.toLowerCase()}`);

const walk = (prefix: string, figures: unknown): readonly (readonly [string, number])[] => {
  if (typeof figures === "number") return Number.isFinite(figures) ? [[prefix, figures]] : [];
  if (typeof figures === "boolean") return [[prefix, figures ? 1 : 0]];
  if (typeof figures !== "object" || figures === null || Array.isArray(figures)) return [];
  return Object.entries(figures).flatMap(([name, value]) => walk(`${prefix}_${snake(name)}`, value));
};

/** Every number in `figures` with its name; true is 1, false 0. Texts, lists and what is not there are left out. */
export const flatFigures = (prefix: string, figures: unknown): readonly (readonly [name: string, value: number])[] =>
  walk(prefix, figures)
    .filter(([name]) => namePattern.test(name))
    .slice(0, mostNames);
