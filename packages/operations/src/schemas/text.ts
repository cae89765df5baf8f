/**
 * Texts from outside. Length is counted in code points, as JSON Schema's `maxLength` is. A lone surrogate cannot be
 * written as UTF-8 and U+0000 cannot be stored by every engine, so both are refused instead of being changed silently.
 */
import { z } from "zod";

export interface TextBounds {
  /** The field as clients write it; messages begin with it. */
  readonly name: string;
  readonly max: number;
  /** 1 unless told; blank counts as empty unless `blank` allows it. */
  readonly min?: 0 | 1;
  readonly blank?: boolean;
  readonly trim?: boolean;
  readonly describe?: string;
}

/** Code points; counted only where the number of UTF-16 units does not already decide. */
const characters = (value: string, max: number): number => {
  if (value.length <= max) return value.length;
  let count = 0;
  for (const _ of value) count += 1;
  return count;
};

/** What is wrong with a text, as a sentence that says what would be right; null when nothing is. */
export const textProblem = (value: string, bounds: TextBounds): string | null => {
  const { name, max, min = 1, blank = false } = bounds;
  if (min > 0 && value.length === 0) return `${name} must be 1 to ${max} characters; this is empty`;
  const count = characters(value, max);
  if (count > max) return `${name} must be ${min} to ${max} characters; this has ${count}`;
  if (!value.isWellFormed()) return `${name} must be well-formed Unicode; this holds half of a surrogate pair`;
  if (value.includes("\0")) return `${name} must not hold the character U+0000`;
  if (min > 0 && !blank && value.trim() === "") return `${name} must not be blank`;
  return null;
};

/** A schema for text within bounds. Trimming happens before counting. */
export const text = (bounds: TextBounds) => {
  const base = bounds.trim === true ? z.string().trim() : z.string();
  return base
    .check((context) => {
      const problem = textProblem(context.value, bounds);
      if (problem === null) return;
      context.issues.push({ code: "custom", message: problem, input: context.value });
    })
    .meta({
      minLength: bounds.min ?? 1,
      maxLength: bounds.max,
      ...(bounds.describe === undefined ? {} : { description: bounds.describe }),
    });
};
