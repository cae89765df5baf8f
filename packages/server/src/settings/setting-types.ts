/** The kinds of values that settings have; from variables they all come as text. */
import { z } from "zod";

export const wholeNumber = (min: number, max: number) => {
  const message = `must be a whole number from ${min} to ${max}`;
  const inRange = (given: number): boolean => Number.isInteger(given) && given >= min && given <= max;
  return z
    .union(
      [
        z.number(),
        z
          .string()
          .regex(/^\d{1,9}$/u, message)
          .transform(Number),
      ],
      message,
    )
    .refine(inRange, message);
};
export const amount = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d{1,9}(?:\.\d{1,9})?$/u, "must be an amount")
      .transform(Number),
  ])
  .refine((given) => given >= 0, "must not be negative");
export const share = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^\d(?:\.\d{1,9})?$/u, "must be a number from 0 to 1")
      .transform(Number),
  ])
  .refine((given) => given >= 0 && given <= 1, "must be a number from 0 to 1");
export const onOrOff = z.union([z.boolean(), z.stringbool("must be true or false")], "must be true or false");
export const text = (what: string) => z.string(`must be ${what}`).trim().min(1, `must be ${what}`);
export const names = z.union(
  [
    z.array(z.string()),
    z.string().transform((given) =>
      given
        .split(",")
        .map((name) => name.trim())
        .filter(Boolean),
    ),
  ],
  "must be a list of names",
);
