import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { attributeClaims, claimLimits, contradicts, type Claim } from "./contradiction.ts";

const claims = (content: string, author?: string): readonly string[] =>
  attributeClaims(content, author === undefined ? {} : { author }).map(
    ({ entity, attribute, value, negated }) => `${entity}.${attribute} ${negated ? "!=" : "="} ${value}`,
  );

describe("claims of a text (MEM-12)", () => {
  test.each<[string, readonly string[]]>([
    ["My favorite color is blue.", ["user.favorite color = blue"]],
    ["My favourite colour is the Blue!", ["user.favorite color = blue"]],
    ["Ann's manager is Bob.", ["ann.manager = bob"]],
    ["Ann’s boss is Bob", ["ann.manager = bob"]],
    ["The port of the auth-service is 8080.", ["auth-service.port = 8080"]],
    ["The auth-service runs on port 8080.", ["auth-service.port = 8080"]],
    ["The default timeout for uploads is 1,000 ms", ["uploads.timeout = 1000 ms"]],
    ["Ann lives in Berlin.", ["ann.residence = berlin"]],
    ["Ann Lee now lives in Berlin, near the river.", ["ann lee.residence = berlin"]],
    ["Ann moved to Paris", ["ann.residence = paris"]],
    ["Ann does not live in Berlin.", ["ann.residence != berlin"]],
    ["Ann doesn't live in Berlin anymore", ["ann.residence != berlin"]],
    ["Ann works at Acme Corp.", ["ann.employer = acme corp"]],
    ["I work for Google", ["user.employer = google"]],
    ["Ann is 34 years old.", ["ann.age = 34"]],
    ["I'm 34", ["user.age = 34"]],
    ["The user prefers dark mode", ["user.preference = dark mode"]],
    ["Ann likes sushi", ["ann.likes = sushi"]],
    ["Ann doesn't like sushi", ["ann.likes != sushi"]],
    ["Ann hates sushi", ["ann.likes != sushi"]],
    ["The project uses PostgreSQL", ["project.uses = postgresql"]],
    ["My dog is called Rex", ["user.dog = rex"]],
    ["My manager is not Bob", ["user.manager != bob"]],
    ["Ann is married to Carol", ["ann.spouse = carol"]],
    ["I live in Berlin and I work at Acme.", ["user.residence = berlin", "user.employer = acme"]],
    ["timezone: Europe/Berlin", ["user.timezone = europe/berlin"]],
    [
      "- Ann's email: ann@example.org\n- Ann's phone: 555 1234",
      ["ann.email = ann@example.org", "ann.phone = 555 1234"],
    ],
    ["Remember that Ann's birthday is May 5", ["ann.birthday = may 5"]],
  ])("MEM-12: %j claims %j", (content, expected) => {
    expect(claims(content)).toEqual(expected);
  });

  test.each([
    "",
    "Is my favorite color blue?",
    "If Ann lives in Berlin, call her.",
    "Ann used to live in Berlin.",
    "Bob thinks Ann lives in Berlin.",
    "Ann might work at Acme.",
    "Ann was 34 years old.",
    "Note: the build is broken",
    "TODO: fix the tests",
    "It is raining.",
    "That's the problem: nobody knows",
    "Meeting notes: we talked about many things that nobody wrote down at all",
    "Ann works hard.",
    "Ann lives happily",
    "He lives in Berlin.",
    "What I like is that it is fast",
    "My point is that we should go",
    "10:30: standup",
  ])("MEM-12: %j claims nothing", (content) => {
    expect(claims(content)).toEqual([]);
  });

  test("MEM-12: 'I' is the author, where one is known", () => {
    expect(claims("My favorite color is blue. I live in Berlin.", "Ann Lee")).toEqual([
      "ann lee.favorite color = blue",
      "ann lee.residence = berlin",
    ]);
  });
});

describe("contradictions (MEM-12)", () => {
  const one = (text: string): Claim => {
    const [claim] = attributeClaims(text);
    if (claim === undefined) throw new Error(`no claim in ${text}`);
    return claim;
  };

  test.each([
    ["My favorite color is blue", "My favourite colour is green"],
    ["Ann lives in Berlin", "Ann moved to Paris"],
    ["Ann lives in Berlin", "Ann doesn't live in Berlin"],
    ["Ann's manager is Bob", "Ann's boss is Carol"],
    ["Ann is 34 years old", "Ann is 35"],
    ["The auth-service runs on port 8080", "The port of the auth-service is 8081"],
    ["Ann likes sushi", "Ann dislikes sushi"],
    ["The project uses Redis", "The project does not use Redis"],
    ["I work at Acme", "I work for Google"],
    ["timezone: Europe/Berlin", "My time zone is UTC"],
    ["The user prefers dark mode", "User prefers light mode."],
    ["I prefer tabs over spaces", "I prefer spaces over tabs"],
    ["I prefer tabs over spaces", "I prefer spaces"],
    ["The status of the build is green", "The status of the build is red"],
  ])("MEM-12: %j and %j contradict", (a, b) => {
    expect(contradicts(one(a), one(b))).toBe(true);
    expect(contradicts(one(b), one(a))).toBe(true);
  });

  test.each([
    ["Ann likes sushi", "Ann likes pizza"],
    ["The project uses Redis", "The project uses PostgreSQL"],
    ["Ann lives in Berlin", "Bob lives in Paris"],
    ["Ann lives in Berlin", "Ann works at Acme"],
    ["Ann lives in Berlin", "Ann lives in Berlin Mitte"],
    ["Ann lives in Berlin", "Ann lives in berlin."],
    ["Ann doesn't live in Berlin", "Ann lives in Paris"],
    ["Ann doesn't live in Berlin", "Ann doesn't live in Paris"],
    ["I prefer tea", "I prefer dark mode"],
    ["My hobby is chess", "My hobby is running"],
  ])("MEM-12: %j and %j can both be true", (a, b) => {
    expect(contradicts(one(a), one(b))).toBe(false);
    expect(contradicts(one(b), one(a))).toBe(false);
  });

  const anyText = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc
      .array(
        fc.constantFrom(
          ..."Ann my I the is not 's lives in works at of Berlin color favorite : \n . and prefers 34 years old user's likes".split(
            " ",
          ),
        ),
        { maxLength: 40 },
      )
      .map((words) => words.join(" ")),
  );

  test("MEM-12: contradiction is symmetric, no claim contradicts itself, and no text throws", () => {
    fc.assert(
      fc.property(anyText, anyText, (left, right) => {
        for (const a of attributeClaims(left)) {
          expect(contradicts(a, a)).toBe(false);
          for (const b of attributeClaims(right)) expect(contradicts(a, b)).toBe(contradicts(b, a));
        }
      }),
      { numRuns: 500 },
    );
  });

  test("MEM-12: at most 64 claims", () => {
    const text = Array.from({ length: 200 }, (_, index) => `Ann's pet${index} is cat${index}.`).join(" ");
    expect(attributeClaims(text)).toHaveLength(claimLimits.claims);
  });

  test.each([
    "a ",
    "a",
    "my ",
    "my a ",
    "is ",
    "the a of ",
    "Ann's ",
    "a: ",
    ". ",
    "not ",
    "now ",
    "I live in ",
    "a. ",
    ", and I ",
  ])("MEM-12: 20,000 characters of %j take no time", (unit) => {
    const start = performance.now();
    attributeClaims(unit.repeat(Math.ceil(20_000 / unit.length)));
    for (let length = 100; length <= 300; length += 50)
      attributeClaims(`${unit.repeat(Math.ceil(length / unit.length)).slice(0, length)}\n`.repeat(60));
    expect(performance.now() - start).toBeLessThan(1500);
  });
});
