/** Small pieces that many operations share. */
import { z } from "zod";
import { text } from "./text.ts";

/** An id as clients send it: imports keep foreign ids, so it need not be a UUID. */
export const id = (name = "id") => text({ name, max: 255, trim: true });

export const whole = (name: string, min: number, max: number) => {
  const message = `${name} must be a whole number from ${min} to ${max}`;
  return z.int(message).min(min, message).max(max, message);
};

/** A whole number that is `otherwise` when absent or null. */
export const wholeOr = (name: string, min: number, max: number, otherwise: number) =>
  whole(name, min, max)
    .nullish()
    .meta({ default: otherwise })
    .transform((given) => given ?? otherwise);

/** A number that is `otherwise` when absent or null. */
export const numberOr = (name: string, min: number, max: number, otherwise: number, describe: string) => {
  const message = `${name} must be a number from ${min} to ${max}`;
  return z
    .number(message)
    .min(min, message)
    .max(max, message)
    .nullish()
    .meta({ default: otherwise, description: describe })
    .transform((given) => given ?? otherwise);
};

export const booleanOr = (name: string, otherwise: boolean, describe: string) =>
  z
    .boolean(`${name} must be true or false`)
    .nullish()
    .meta({ default: otherwise, description: describe })
    .transform((given) => given ?? otherwise);

export const cursor = text({ name: "cursor", max: 1_000, describe: "Where the page before ended." });
export const nextCursor = z
  .string()
  .nullable()
  .meta({ description: "Send it to get the next page; null on the last one." });

/** Drops what is null or undefined: engines take absence for "any". */
export const present = <Given extends object>(
  given: Given,
): { readonly [Name in keyof Given]?: Exclude<Given[Name], null | undefined> } =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null && value !== undefined)) as never;
