import { expect, test } from "vitest";
import { rateHeaders } from "./rate-headers.ts";

const key = { name: "key", most: 60, windowSeconds: 60, remaining: 12, resetSeconds: 31 } as const;
const tenant = { name: "tenant", most: 1_200, windowSeconds: 60, remaining: 1_100, resetSeconds: 31 } as const;

test("TEN-4 an answer tells every rate as structured fields, and the one with the least left by the older names", () => {
  expect(rateHeaders([tenant, key])).toEqual({
    "RateLimit-Policy": '"tenant";q=1200;w=60, "key";q=60;w=60',
    RateLimit: '"tenant";r=1100;t=31, "key";r=12;t=31',
    "RateLimit-Limit": "60",
    "RateLimit-Remaining": "12",
    "RateLimit-Reset": "31",
  });
});

test("TEN-4 an answer to a call without a rate tells none", () => {
  expect(rateHeaders([])).toEqual({});
});
