import { CairnError } from "@cairn/kernel/error";
import { maxMillis, minMillis } from "@cairn/kernel/clock";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { afterBound, beforeBound, findTimePhrases, parseTimeRange } from "./time-range.ts";

/** Wednesday. */
const now = Date.parse("2024-06-12T15:30:00Z");
const utc = { now, timeZone: "UTC" };
const iso = (at: number): string =>
  new Date(at)
    .toISOString()
    .replace(/T00:00:00\.000Z$/u, "")
    .replace(/:00\.000Z$/u, "Z");
const range = (text: string, context = utc): string => {
  const found = parseTimeRange(text, context);
  return found === null ? "nothing" : `${iso(found.from)} ${iso(found.to)}`;
};

describe("a whole text as a range of time (REC-3)", () => {
  test.each([
    ["2024", "2024-01-01 2025-01-01"],
    ["0001", "0001-01-01 0002-01-01"],
    ["2024-06", "2024-06-01 2024-07-01"],
    ["2024-06-01", "2024-06-01 2024-06-02"],
    ["2024/06/01", "2024-06-01 2024-06-02"],
    ["20240601", "2024-06-01 2024-06-02"],
    ["2024-W23", "2024-06-03 2024-06-10"],
    ["2020-W53", "2020-12-28 2021-01-04"],
    ["2024-W23-3", "2024-06-05 2024-06-06"],
    ["2024-Q3", "2024-07-01 2024-10-01"],
    ["01/15/2023", "2023-01-15 2023-01-16"],
    ["15/01/2023", "2023-01-15 2023-01-16"],
    ["15.01.2023", "2023-01-15 2023-01-16"],
    ["2024年6月1日", "2024-06-01 2024-06-02"],
    ["2024-06-01T10:00", "2024-06-01T10:00Z 2024-06-01T10:01Z"],
    ["2024-06-01T10:00:00Z", "2024-06-01T10:00Z 2024-06-01T10:00:01.000Z"],
    ["2024-06-01t10:00:00.25+02:00", "2024-06-01T08:00:00.250Z 2024-06-01T08:00:00.251Z"],
    ["2024-06-01 10:00:00-0530", "2024-06-01T15:30Z 2024-06-01T15:30:01.000Z"],
    ["yesterday", "2024-06-11 2024-06-12"],
    ["Yesterday!", "2024-06-11 2024-06-12"],
    ["the day before yesterday", "2024-06-10 2024-06-11"],
    ["the day after tomorrow", "2024-06-14 2024-06-15"],
    ["today", "2024-06-12 2024-06-13"],
    ["tonight", "2024-06-12T18:00Z 2024-06-13T06:00Z"],
    ["this morning", "2024-06-12T05:00Z 2024-06-12T12:00Z"],
    ["yesterday evening", "2024-06-11T17:00Z 2024-06-12"],
    ["last night", "2024-06-11T18:00Z 2024-06-12T06:00Z"],
    ["last week", "2024-06-03 2024-06-10"],
    ["this week", "2024-06-10 2024-06-17"],
    ["next week", "2024-06-17 2024-06-24"],
    ["the week before last", "2024-05-27 2024-06-03"],
    ["last month", "2024-05-01 2024-06-01"],
    ["last year", "2023-01-01 2024-01-01"],
    ["last quarter", "2024-01-01 2024-04-01"],
    ["this quarter", "2024-04-01 2024-07-01"],
    ["the past week", "2024-06-05 2024-06-13"],
    ["the last three months", "2024-03-12 2024-06-13"],
    ["the last 24 hours", "2024-06-11T15:30Z 2024-06-12T15:30:00.001Z"],
    ["next two weeks", "2024-06-12 2024-06-27"],
    ["3 days ago", "2024-06-09 2024-06-10"],
    ["three days ago", "2024-06-09 2024-06-10"],
    ["twenty-one days ago", "2024-05-22 2024-05-23"],
    ["two weeks ago", "2024-05-27 2024-06-03"],
    ["a fortnight ago", "2024-05-27 2024-06-03"],
    ["a month ago", "2024-05-01 2024-06-01"],
    ["a couple of days ago", "2024-06-09 2024-06-12"],
    ["10 years ago", "2014-01-01 2015-01-01"],
    ["2 hours ago", "2024-06-12T13:00Z 2024-06-12T14:00Z"],
    ["in 3 days", "2024-06-15 2024-06-16"],
    ["two weeks from now", "2024-06-24 2024-07-01"],
    ["the weekend", "2024-06-08 2024-06-10"],
    ["this weekend", "2024-06-15 2024-06-17"],
    ["last weekend", "2024-06-08 2024-06-10"],
    ["last Tuesday", "2024-06-11 2024-06-12"],
    ["last Wednesday", "2024-06-05 2024-06-06"],
    ["next friday", "2024-06-14 2024-06-15"],
    ["this Friday", "2024-06-14 2024-06-15"],
    ["Friday", "2024-06-07 2024-06-08"],
    ["on Monday morning", "2024-06-10T05:00Z 2024-06-10T12:00Z"],
    ["Tuesday of last week", "2024-06-04 2024-06-05"],
    ["last week on Tuesday", "2024-06-04 2024-06-05"],
    ["since Monday", "2024-06-10 2024-06-13"],
    ["since last week", "2024-06-03 2024-06-13"],
    ["in March", "2024-03-01 2024-04-01"],
    ["March", "2024-03-01 2024-04-01"],
    ["in September", "2023-09-01 2023-10-01"],
    ["next September", "2024-09-01 2024-10-01"],
    ["next March", "2025-03-01 2025-04-01"],
    ["last March", "2024-03-01 2024-04-01"],
    ["last June", "2023-06-01 2023-07-01"],
    ["March last year", "2023-03-01 2023-04-01"],
    ["May 2023", "2023-05-01 2023-06-01"],
    ["May of 2023", "2023-05-01 2023-06-01"],
    ["on May 5th", "2024-05-05 2024-05-06"],
    ["5 May 2023", "2023-05-05 2023-05-06"],
    ["5th of May, 2023", "2023-05-05 2023-05-06"],
    ["May 5, 2023", "2023-05-05 2023-05-06"],
    ["May 5-7, 2023", "2023-05-05 2023-05-08"],
    ["the fifth of May", "2024-05-05 2024-05-06"],
    ["Dec 24", "2023-12-24 2023-12-25"],
    ["February 29", "2024-02-29 2024-03-01"],
    ["Monday, 8 May 2023", "2023-05-08 2023-05-09"],
    ["Q3 2024", "2024-07-01 2024-10-01"],
    ["Q3", "2023-07-01 2023-10-01"],
    ["the third quarter of 2022", "2022-07-01 2022-10-01"],
    ["H1 2023", "2023-01-01 2023-07-01"],
    ["last summer", "2023-06-01 2023-09-01"],
    ["last winter", "2023-12-01 2024-03-01"],
    ["summer of 2022", "2022-06-01 2022-09-01"],
    ["fall 2022", "2022-09-01 2022-12-01"],
    ["the 1990s", "1990-01-01 2000-01-01"],
    ["the 90s", "1990-01-01 2000-01-01"],
    ["early 2023", "2023-01-01 2023-05-03"],
    ["mid-2022", "2022-05-03 2022-09-01"],
    ["the end of last month", "2024-05-22 2024-06-01"],
    ["Christmas", "2023-12-25 2023-12-26"],
    ["next Christmas", "2024-12-25 2024-12-26"],
    ["Christmas Eve 2022", "2022-12-24 2022-12-25"],
    ["New Year's Eve", "2023-12-31 2024-01-01"],
    ["New Year’s Day", "2024-01-01 2024-01-02"],
    ["Halloween", "2023-10-31 2023-11-01"],
    ["Valentine's Day", "2024-02-14 2024-02-15"],
    ["Easter", "2024-03-31 2024-04-01"],
    ["Easter 2023", "2023-04-09 2023-04-10"],
    ["Good Friday 2025", "2025-04-18 2025-04-19"],
    ["Thanksgiving", "2023-11-23 2023-11-24"],
    ["Independence Day", "2023-07-04 2023-07-05"],
    ["two days before Christmas", "2023-12-23 2023-12-24"],
    ["the week before Christmas", "2023-12-18 2023-12-25"],
    ["the Sunday before 25 May 2023", "2023-05-21 2023-05-22"],
    ["the weekend before 20 July 2023", "2023-07-15 2023-07-17"],
    ["the week of 9 June 2023", "2023-06-05 2023-06-12"],
    ["the first week of June", "2024-06-01 2024-06-08"],
    ["the first weekend of October 2023", "2023-10-07 2023-10-09"],
    ["last week before 23 January, 2023", "2023-01-16 2023-01-23"],
    ["December 1,2023", "2023-12-01 2023-12-02"],
    ["the last day of 2023", "2023-12-31 2024-01-01"],
    ["the second Monday of March 2024", "2024-03-11 2024-03-12"],
    ["between March and May", "2024-03-01 2024-06-01"],
    ["between January and March", "2024-01-01 2024-04-01"],
    ["between March and May 2022", "2022-03-01 2022-06-01"],
    ["between November and February", "2023-11-01 2024-03-01"],
    ["from 2019 to 2021", "2019-01-01 2022-01-01"],
    ["2024-01-05 to 2024-01-09", "2024-01-05 2024-01-10"],
    ["before 2020", "0001-01-01 2020-01-01"],
    ["sometime last week or so", "2024-06-03 2024-06-10"],
  ])("REC-3: %j is %s", (text, expected) => {
    expect(range(text)).toBe(expected);
  });

  test.each([
    "",
    "  ",
    "not-a-date",
    "2024-13",
    "2024-02-30",
    "2023-02-29",
    "2023-W53",
    "0000",
    "10000",
    "2024-06-01T25:00",
    "v1.2.3",
    "the second one",
    "soon",
    "February 30",
    "32 May 2023",
  ])("REC-3: %j names no time", (text) => expect(range(text)).toBe("nothing"));

  test("REC-3: a moment without offset and a day are read in the caller's zone, through clock changes", () => {
    const berlin = { now, timeZone: "Europe/Berlin" };
    expect(range("2024-06-01T10:00:00", berlin)).toBe("2024-06-01T08:00Z 2024-06-01T08:00:01.000Z");
    expect(range("2024-03-31", berlin)).toBe("2024-03-30T23:00Z 2024-03-31T22:00Z");
    expect(range("2024-10-27", berlin)).toBe("2024-10-26T22:00Z 2024-10-27T23:00Z");
    expect(range("2024-03-31T02:30", berlin)).toBe("2024-03-31T01:30Z 2024-03-31T01:31Z");
    expect(range("2024-10-27T02:30", berlin)).toBe("2024-10-27T00:30Z 2024-10-27T00:31Z");
    expect(range("2018-11-04", { now, timeZone: "America/Sao_Paulo" })).toBe("2018-11-04T03:00Z 2018-11-05T02:00Z");
    expect(range("2011-12-30", { now, timeZone: "Pacific/Apia" })).toBe("nothing");
    expect(range("today", { now: Date.parse("2024-06-12T23:30:00Z"), timeZone: "Asia/Tokyo" })).toBe(
      "2024-06-12T15:00Z 2024-06-13T15:00Z",
    );
  });

  test("REC-3: an unknown zone is request.invalid", () => {
    for (const read of [parseTimeRange, findTimePhrases]) {
      expect(() => read("today", { now, timeZone: "Mars/Olympus" })).toThrow(CairnError);
      expect(() => read("", { now, timeZone: "" })).toThrow(expect.objectContaining({ code: "request.invalid" }));
    }
  });

  test("REC-3: after starts with the range; before holds a day, month or year whole, and not a moment", () => {
    const bounds = (text: string): string => {
      const found = parseTimeRange(text, utc);
      return found === null ? "" : `${iso(afterBound(found))} ${iso(beforeBound(found))}`;
    };
    expect(bounds("2024-06")).toBe("2024-06-01 2024-07-01");
    expect(bounds("2024-06-01")).toBe("2024-06-01 2024-06-02");
    expect(bounds("2024-06-01T00:00:00Z")).toBe("2024-06-01 2024-06-01");
  });
});

const phrases = (query: string): string =>
  findTimePhrases(query, utc)
    .map(({ text, from, to, certain }) => `${text} = ${iso(from)} ${iso(to)}${certain ? "" : " ?"}`)
    .join("; ");

describe("times inside a question (REC-3)", () => {
  test.each([
    ["what did we decide last week about the deploy?", "last week = 2024-06-03 2024-06-10"],
    ["What happened in March?", "in March = 2024-03-01 2024-04-01 ?"],
    ["what happened in march", "in march = 2024-03-01 2024-04-01 ?"],
    ["I painted a sunrise in 2022", "in 2022 = 2022-01-01 2023-01-01"],
    ["the games of 2020 and during 2021", "of 2020 = 2020-01-01 2021-01-01; during 2021 = 2021-01-01 2022-01-01"],
    ["Who did I meet last Saturday?", "last Saturday = 2024-06-08 2024-06-09"],
    [
      "Yesterday I planned for tomorrow's meeting about last year's results",
      "Yesterday = 2024-06-11 2024-06-12; for tomorrow = 2024-06-13 2024-06-14; about last year = 2023-01-01 2024-01-01 ?",
    ],
    ["Project started on January 5, 2024", "on January 5, 2024 = 2024-01-05 2024-01-06"],
    [
      "Compare meetings last Monday and next Friday",
      "last Monday = 2024-06-10 2024-06-11 ?; next Friday = 2024-06-14 2024-06-15 ?",
    ],
    ["What happened on 2026-01-15?", "on 2026-01-15 = 2026-01-15 2026-01-16"],
    ["notes from the Friday before 15 July 2023 please", "from the Friday before 15 July 2023 = 2023-07-14 2023-07-15"],
    ["What did we do before Christmas?", "before Christmas = 0001-01-01 2023-12-25 ?"],
    ["the incident on the 5th", "on the 5th = 2024-06-05 2024-06-06 ?"],
    ["Met on 3rd February 2023 in Rome", "on 3rd February 2023 = 2023-02-03 2023-02-04"],
    ["The December report is ready", "The December = 2023-12-01 2024-01-01 ?"],
    ["Did May call in May?", "in May = 2024-05-01 2024-06-01 ?"],
    ["会议在2024年6月1日举行", "2024年6月1日 = 2024-06-01 2024-06-02"],
  ])("REC-3: %j holds %s", (query, expected) => {
    expect(phrases(query)).toBe(expected);
  });

  test.each([
    "You may 5 times retry",
    "may I ask what this may be?",
    "they march 3 miles and march on",
    "won 2024 games",
    "it has 2024 items in 2024 rows",
    "the port is 2024",
    "the sun was out, she sat and wed him",
    "a second opinion in a second",
    "prices fall, they spring up",
    "the last time and the next step at the last minute",
    "Spring Boot and spring cleaning",
    "version 2024.1 of the tool, build-2024-06-01-rc, v2024-06",
    "Easter egg hunt",
    "the second floor",
    "on the 5th floor",
    "she is on May's team",
    "the quick brown fox jumps over the lazy dog",
    "user 12345678 paid $2024 in full",
    "path /logs/2024/06/01/app.log",
    "What is my favorite color?",
    "day by day, week in week out",
    "in 2000 ms",
  ])("REC-3: %j holds no time", (query) => {
    expect(phrases(query)).toBe("");
  });

  const anyText = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc
      .array(
        fc.constantFrom(
          ..."the a last next this two 3 days weeks ago before after between and from to in on of May March 5th 2023 2024-06-01 9999 0001 Christmas Monday week month year first end early , - Q3 . summer since until couple few morning 31 Feb".split(
            " ",
          ),
        ),
        { maxLength: 30 },
      )
      .map((words) => words.join(" ")),
  );

  test("REC-3: reading never throws, and every range is in order, within the years 1..9999, with its text in place", () => {
    fc.assert(
      fc.property(
        anyText,
        fc.constantFrom("UTC", "Asia/Kolkata", "America/St_Johns"),
        fc.integer({ min: minMillis, max: maxMillis }),
        (text, timeZone, at) => {
          const context = { now: at, timeZone };
          let last = 0;
          for (const phrase of findTimePhrases(text, context)) {
            expect(phrase.start).toBeGreaterThanOrEqual(last);
            expect(phrase.end).toBeGreaterThan(phrase.start);
            expect(text.slice(phrase.start, phrase.end)).toBe(phrase.text);
            expect(phrase.from).toBeLessThan(phrase.to);
            expect(phrase.from).toBeGreaterThanOrEqual(minMillis);
            expect(phrase.to).toBeLessThanOrEqual(maxMillis);
            last = phrase.end;
          }
          const whole = parseTimeRange(text, context) ?? { from: minMillis, to: maxMillis };
          expect(whole.from).toBeLessThan(whole.to);
          expect(whole.from).toBeGreaterThanOrEqual(minMillis);
          expect(whole.to).toBeLessThanOrEqual(maxMillis);
        },
      ),
      { numRuns: 400 },
    );
  });

  test("REC-3: a day written in any common way is that day", () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.parse("1000-01-01"), max: Date.parse("9998-12-31") }), (at) => {
        const day = new Date(at).toISOString().slice(0, 10);
        const date = new Date(day);
        const month = date.toLocaleString("en-US", { month: "long", timeZone: "UTC" });
        const [d, y] = [date.getUTCDate(), date.getUTCFullYear()];
        for (const text of [day, `${d} ${month} ${y}`, `${month} ${d}, ${y}`, `the ${d}th of ${month} ${y}`]) {
          expect(parseTimeRange(text, utc)?.from).toBe(date.getTime());
        }
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    "the day before ",
    "May ",
    "last ",
    "between ",
    "a couple of ",
    "1",
    "the ",
    "'s",
    "2024-",
    "two ",
    "the week of ",
    "early ",
    "from May to ",
  ])("REC-3: 10,000 characters of %j take no time", (unit) => {
    const text = unit.repeat(Math.ceil(20_000 / unit.length));
    const start = performance.now();
    findTimePhrases(text, utc);
    parseTimeRange(text, utc);
    expect(performance.now() - start).toBeLessThan(1500);
  });
});
