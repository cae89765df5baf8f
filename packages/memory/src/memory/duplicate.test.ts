import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { areNearDuplicates, contentHash, contentHashHex, nearDuplicateCosine, normalizedContent } from "./duplicate.ts";
import { distinguishingMarks } from "./marks.ts";

const same: readonly (readonly [string, string])[] = [
  ["I like dark mode in my editor.", "I like dark mode in my editor!!"],
  ["The user prefers dark mode", "User prefers dark mode."],
  ["The user prefers dark mode", "the user really prefers the dark mode"],
  ["Deploys run every Friday at noon", "The deploy runs every Friday at noon."],
  ["The API server is running on port 8080", "API server runs on port 8080"],
  ["The limit is 1,000 requests", "The limit is 1000 requests."],
  ["There are two servers", "There are 2 servers"],
  ["She has twenty-five plants", "She has 25 plants"],
  ["The launch is on 5 May 2023", "The launch is on May 5th, 2023."],
  ["The launch is on 2023-05-05", "The launch is on May 5, 2023"],
  ["This is the 1st draft", "This is the first draft"],
  ["Bob doesn't eat meat", "Bob does not eat meat."],
  ["We can't deploy on Fridays", "We cannot deploy on Fridays"],
  ["My favourite colour is blue", "My favorite color is blue"],
  ["It’s stored in /var/lib/data", "It's stored in /var/lib/data."],
  ["Please remember: the build uses pnpm", "the build uses pnpm"],
  ["Ann manages Bob", "Ann   manages\nBob."],
  ["The ｂｕｉｌｄ uses pnpm", "The build uses pnpm"],
  ["我喜欢黑色的编辑器。", "我喜欢黑色的编辑器"],
  ["Пользователь любит тёмную тему.", "Пользователь любит тёмную тему"],
  ["Tests are just very slow", "Tests are slow"],
  ["The team organises releases", "The team organizes the releases"],
];

const different: readonly (readonly [string, string, string])[] = [
  ["number", "Performance test memory 1", "Performance test memory 2"],
  ["number", "Load test memory number 17 with unique content", "Load test memory number 71 with unique content"],
  ["port", "The API listens on port 8080", "The API listens on port 8081"],
  ["number word", "She has two cats", "She has three cats"],
  ["decimal", "The ratio is 1.5", "The ratio is 15"],
  ["sign", "The limit is -5", "The limit is 5"],
  ["ordinal", "He came first", "He came second"],
  ["date", "The launch is on 5 May 2023", "The launch is on 6 May 2023"],
  ["month", "We met in March", "We met in April"],
  ["year", "We met in May 2022", "We met in May 2023"],
  ["weekday", "The standup is on Monday", "The standup is on Tuesday"],
  ["clock", "The standup is at 10:30", "The standup is at 11:30"],
  ["name", "My manager is Ann", "My manager is Bob"],
  ["name first", "Ann is my manager", "Bob is my manager"],
  ["name in lower case", "my dog is called rex", "my dog is called max"],
  ["swapped roles", "Ann manages Bob", "Bob manages Ann"],
  ["passive roles", "Ann manages Bob", "Ann is managed by Bob"],
  ["swapped roles, plain words", "The server calls the client", "The client calls the server"],
  ["swapped preference", "I prefer tabs over spaces", "I prefer spaces over tabs"],
  ["swapped direction", "We moved from tabs to spaces", "We moved to tabs from spaces"],
  ["swapped pronouns", "He likes her", "She likes him"],
  ["negation", "Bob eats meat", "Bob does not eat meat"],
  ["negation, clitic", "The build works", "The build doesn't work"],
  ["negation, never", "We deploy on Fridays", "We never deploy on Fridays"],
  ["without", "Coffee with sugar", "Coffee without sugar"],
  ["polarity", "I like mornings", "I dislike mornings"],
  ["polarity", "Enable the cache", "Disable the cache"],
  ["on, off", "The lights are on", "The lights are off"],
  ["before, after", "Run lint before tests", "Run lint after tests"],
  ["true, false", "The flag is true", "The flag is false"],
  ["more, less", "Use more memory", "Use less memory"],
  ["antonym as content", "I like dark mode", "I like light mode"],
  ["value as content", "Alice is allergic to peanuts", "Alice is allergic to walnuts"],
  ["unit", "The run is 5 km long", "The run is 5 miles long"],
  ["unit, glued", "It has 5GB of memory", "It has 5MB of memory"],
  ["currency", "It costs $5", "It costs €5"],
  ["percent", "It grew by 5%", "It grew by 5"],
  ["version", "We run version 1.2.3", "We run version 1.2.4"],
  ["path", "Config lives in /etc/app.yaml", "Config lives in /etc/app.yml"],
  ["url", "See https://a.example/x for docs", "See https://a.example/y for docs"],
  ["identifier", "Call getUserById first", "Call getUserByName first"],
  ["case of an identifier", "Call parseURL first please", "Call parseUrl first"],
  ["email", "Write to a@x.org", "Write to b@x.org"],
  ["language", "The user speaks French", "The user speaks German"],
  ["tense", "The deploy is broken", "The deploy was broken"],
  ["modality", "We will use Redis", "We use Redis"],
  ["quantity", "Some tests pass", "All tests pass"],
  ["possessor", "My dog is brown", "Your dog is brown"],
  ["work with, work for", "I work with Google", "I work for Google"],
  ["question", "Is the cache on?", "The cache is on."],
  ["more said", "The user prefers dark mode", "The user prefers dark mode in the terminal"],
  ["Chinese", "我喜欢黑色", "我喜欢白色"],
  ["emoji", "The review was 👍", "The review was 👎"],
];

describe("near duplicates (MEM-5)", () => {
  test.each(same)("MEM-5: %j and %j are one memory", (a, b) => {
    expect(areNearDuplicates({ content: a }, { content: b }, 0.97)).toBe(true);
    expect(areNearDuplicates({ content: b, marks: distinguishingMarks(b) }, { content: a }, 0.97)).toBe(true);
  });

  test.each(different)("MEM-5: %s: %j and %j are two memories, however alike their vectors", (_, a, b) => {
    expect(areNearDuplicates({ content: a }, { content: b }, 1)).toBe(false);
    expect(areNearDuplicates({ content: b }, { content: a }, 1)).toBe(false);
  });

  test("MEM-5: vectors that are not alike keep two texts apart", () => {
    const [a, b] = [{ content: "The user prefers dark mode" }, { content: "User prefers dark mode." }];
    expect(areNearDuplicates(a, b, nearDuplicateCosine - 0.01)).toBe(false);
    expect(areNearDuplicates(a, b, Number.NaN)).toBe(false);
  });

  test("MEM-5: fifty texts that differ only in their number are fifty memories", () => {
    const marks = Array.from({ length: 50 }, (_, index) => distinguishingMarks(`Performance test memory ${index}`));
    expect(new Set(marks).size).toBe(50);
  });

  test("MEM-5: being near duplicates is symmetric and reflexive for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (a, b) => {
        const there = areNearDuplicates({ content: a }, { content: b }, 1);
        expect(areNearDuplicates({ content: b }, { content: a }, 1)).toBe(there);
        expect(areNearDuplicates({ content: a }, { content: a }, 1)).toBe(true);
      }),
    );
  });

  test("MEM-5: two numbers that differ always leave different marks", () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (a, b) => {
        fc.pre(a !== b);
        expect(distinguishingMarks(`Item ${a} is ready`)).not.toBe(distinguishingMarks(`Item ${b} is ready`));
      }),
    );
  });
});

describe("normalised content (MEM-5)", () => {
  test.each([
    ["  Dark\u00a0mode\n\tplease!! ", "dark mode please"],
    ["Ｄａｒｋ\u200b mo\u00adde。", "dark mode"],
    ["Straße", "strasse"],
    ["ΟΔΟΣ", "οδοσ"],
    ["Is it on ?!", "is it on?"],
    ["...", "..."],
    ["", ""],
    ["C++", "c++"],
  ])("%j reads %j", (text, expected) => {
    expect(normalizedContent(text)).toBe(expected);
  });

  test("MEM-5: normalising twice changes nothing", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
        const once = normalizedContent(text);
        expect(normalizedContent(once)).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });

  test("MEM-5: the hash has 16 bytes and follows the normalised content", () => {
    expect(contentHash("Dark mode.")).toEqual(contentHash(" dark  MODE"));
    expect(contentHash("Dark mode")).toHaveLength(16);
    expect(contentHashHex("Dark mode")).toMatch(/^[0-9a-f]{32}$/u);
    expect(contentHashHex("Dark mode")).not.toBe(contentHashHex("Dark modes"));
    expect(contentHashHex("Dark mode?")).not.toBe(contentHashHex("Dark mode"));
  });

  test.each([
    ["spaces", " "],
    ["full stops", ". "],
    ["capitals", "A"],
    ["apostrophes", "n't "],
    ["numbers", "1,1"],
    ["hyphens", "-"],
    ["paths", "/a"],
  ])("MEM-5: 50,000 characters of %s take no time", (_, unit) => {
    const text = `${unit.repeat(Math.ceil(50_000 / unit.length))}x`;
    const start = performance.now();
    normalizedContent(text);
    distinguishingMarks(text);
    expect(performance.now() - start).toBeLessThan(500);
  });
});
