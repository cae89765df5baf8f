import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { entityLimits, entityTypes, relationTypes } from "./entity.ts";
import { extractEntities } from "./extract.ts";
import { normalizeEntity } from "./normalize.ts";

const entities = (content: string, author?: string): readonly string[] =>
  extractEntities(content, author === undefined ? {} : { author }).entities.map(
    ({ name, type, aliases }) => `${name}: ${type}${aliases.length > 0 ? ` = ${aliases.join(", ")}` : ""}`,
  );
const relations = (content: string, author?: string): readonly string[] =>
  extractEntities(content, author === undefined ? {} : { author }).relations.map(
    ({ subject, type, object }) => `${subject} ${type} ${object}`,
  );

describe("entities of a text (MEM-8)", () => {
  test.each<[string, readonly string[]]>([
    ["The auth-service handles authentication and talks to user-db.", ["auth-service: service", "user-db: service"]],
    ["We use PostgreSQL for the database and Redis for caching.", ["PostgreSQL: technology", "Redis: technology"]],
    ["we run redis and docker compose", ["redis: technology", "docker compose: technology"]],
    ["We use Redis for caching. Redis is fast.", ["Redis: technology"]],
    ["I met with Dr. Thompson and Sarah about the project.", ["Thompson: person", "Sarah: person"]],
    ["I viewed a townhouse in the Brookside neighborhood near Oak Street.", ["Brookside: place", "Oak Street: place"]],
    ["Sarah works at Google in San Francisco.", ["Sarah: person", "Google: organization", "San Francisco: place"]],
    ["Bob and Amy visited the zoo.", ["Bob: person", "Amy: person"]],
    ["I had lunch with Sarah yesterday at the new Italian place downtown.", ["Sarah: person", "Italian: other"]],
    ["We're planning a trip to Paris next summer, maybe visit London too.", ["Paris: place", "London: place"]],
    [
      "The meeting is scheduled for March 15th, and the deadline is April 1st.",
      ["March 15th: date", "April 1st: date"],
    ],
    [
      "I interviewed at Google last week, and Microsoft reached out too.",
      ["Google: organization", "Microsoft: organization"],
    ],
    ["Bob mentioned he's moving to Seattle next month.", ["Bob: person", "Seattle: place"]],
    ["Postgres and k8s", ["Postgres: technology = PostgreSQL", "k8s: technology = Kubernetes"]],
    [
      "International Business Machines (IBM) is based in Armonk.",
      ["International Business Machines: organization = IBM", "Armonk: place"],
    ],
    ["Sam, also known as Samantha, left.", ["Sam: person = Samantha"]],
    ["Robert (Bob) Smith left. Bob called.", ["Robert: person = Bob, Smith"]],
    ["Ann Smith called. Ann was late.", ["Ann Smith: person = Ann"]],
    ["Project Apollo and the Zeus project", ["Project Apollo: project", "Zeus: project"]],
    [
      "Lord of the Rings by Tolkien is on the Bank of America shelf",
      ["Lord of the Rings: other", "Tolkien: other", "Bank of America: organization"],
    ],
    [
      "See src/index.ts and /etc/nginx/nginx.conf, https://example.com/a?b=1.",
      ["src/index.ts: file", "/etc/nginx/nginx.conf: file", "https://example.com/a?b=1: url"],
    ],
    [
      "Ticket ABC-123 broke v1.2.3 in getUserById() and snake_case_name of node:fs",
      [
        "ABC-123: identifier",
        "v1.2.3: identifier",
        "getUserById(): identifier",
        "snake_case_name: identifier",
        "node:fs: identifier",
      ],
    ],
    [
      "Ping @alice in #general or ann@example.org",
      ["@alice: person", "#general: other", "ann@example.org: identifier"],
    ],
    ["田中さんは東京に住んでいます。トヨタ株式会社。", ["田中: person", "東京: place", "トヨタ株式会社: organization"]],
    ["我在北京大学学习,《三体》很好看。", ["北京大学: organization", "三体: other"]],
    ["Вчера Иван был в Москва", ["Иван: other", "Москва: place"]],
    ["João lives in São Paulo", ["João: person", "São Paulo: place"]],
  ])("MEM-8: %j names %j", (content, expected) => {
    expect(entities(content)).toEqual(expected);
  });

  test.each([
    "",
    "   ",
    "The quick brown fox jumps over the lazy dog.",
    "How To Deploy The New App On Friday",
    "IMPORTANT: DO NOT DEPLOY ON FRIDAY",
    "What happened yesterday? Nothing. I don't know, OK?",
    "It is a state-of-the-art, well-known and up-to-date and/or easy-to-use API.",
    "They go to rest and express it swiftly",
    "今日は天気がいいですね",
  ])("MEM-8: %j names nothing", (content) => {
    expect(entities(content)).toEqual([]);
  });
});

describe("relations of a text (MEM-8)", () => {
  test.each<[string, readonly string[]]>([
    ["The auth-service uses PostgreSQL for storing credentials.", ["auth-service uses PostgreSQL"]],
    ["The auth-service uses PostgreSQL and Redis.", ["auth-service uses PostgreSQL", "auth-service uses Redis"]],
    ["The user-service talks to auth-service for tokens.", ["user-service connects_to auth-service"]],
    ["The auth-service handles authentication and talks to user-db.", ["auth-service connects_to user-db"]],
    ["The auth-service uses Redis and was built by Sarah.", ["auth-service uses Redis", "Sarah created auth-service"]],
    ["The payment-service uses Stripe for processing.", ["payment-service uses Stripe"]],
    [
      "The billing-api depends on user-db and runs on Kubernetes.",
      ["billing-api depends_on user-db", "billing-api uses Kubernetes"],
    ],
    ["The api-gateway stores all sessions in Redis.", ["api-gateway stores_in Redis"]],
    ["The web-app is deployed on Vercel.", ["web-app deployed_on Vercel"]],
    ["MySQL was replaced by PostgreSQL in June 2023", ["MySQL replaced_by PostgreSQL"]],
    ["Sarah works at Google.", ["Sarah works_at Google"]],
    ["Ann is a software engineer at Google.", ["Ann works_at Google"]],
    ["Ann and Bob work at Google", ["Ann works_at Google", "Bob works_at Google"]],
    ["Ann works at Google and lives in Berlin.", ["Ann works_at Google", "Ann lives_in Berlin"]],
    ["Ann lives in Berlin and Bob works at Google.", ["Ann lives_in Berlin", "Bob works_at Google"]],
    ["Ann manages Bob and Carol works at Google.", ["Ann manages Bob", "Carol works_at Google"]],
    ["Ann manages Bob and reports to Carol.", ["Ann manages Bob", "Ann reports_to Carol"]],
    ["Bob is managed by Ann.", ["Ann manages Bob"]],
    ["Bob is Ann's manager.", ["Bob manages Ann"]],
    ["Ann's manager is Bob.", ["Bob manages Ann"]],
    ["Ann's wife is Carol.", ["Ann married_to Carol"]],
    [
      "Sarah's daughter Emma studies at Stanford University.",
      ["Sarah parent_of Emma", "Emma studies_at Stanford University"],
    ],
    ["Bob is the father of Amy.", ["Bob parent_of Amy"]],
    ["Ann's brother is Bob", ["Ann sibling_of Bob"]],
    ["Alice prefers TypeScript over JavaScript", ["Alice prefers TypeScript"]],
    ["Alice prefers dark mode in her editor", ["Alice prefers dark mode"]],
    ["Sam works on Project Zeus with Tim.", ["Sam works_on Project Zeus"]],
    ["Ann does not use Redis. Bob never worked at Google. Carol used to live in Berlin.", []],
    ["Ann left. Google hired.", []],
  ])("MEM-8: %j tells %j", (content, expected) => {
    expect(relations(content)).toEqual(expected);
  });

  test("MEM-8: 'I' and 'my' are the author, where one is known", () => {
    const text = "I'm a software engineer at Google, I live in Berlin and I love sushi. My manager is Bob.";
    expect(relations(text, "Ann")).toEqual([
      "Ann works_at Google",
      "Ann lives_in Berlin",
      "Ann likes sushi",
      "Bob manages Ann",
    ]);
    expect(entities(text, "Ann")).toContain("Ann: person");
    expect(relations(text)).toEqual([]);
  });

  test("MEM-8: an alias stands for its entity", () => {
    expect(relations("Ann Smith joined Google. Later Ann moved to Berlin.")).toEqual([
      "Ann Smith works_at Google",
      "Ann Smith lives_in Berlin",
    ]);
  });
});

describe("bounds of extraction (MEM-8)", () => {
  const names = fc
    .array(
      fc.constantFrom(
        ..."Ann Bob Carol Google Berlin Redis auth-service uses works at lives in and , . ( ) aka 's is my I The Dr. of 2023 May ABC-1 src/a.ts likes 田中さん".split(
          " ",
        ),
      ),
      { maxLength: 60 },
    )
    .map((words) => words.join(" "));

  test("MEM-8: any text gives entities with distinct normal names, and relations between them", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: "binary", maxLength: 300 }), names),
        fc.option(fc.constantFrom("Ann", "Zoë", "田中")),
        (content, author) => {
          const found = extractEntities(content, { author });
          const normal = found.entities.map(({ normalized }) => normalized);
          expect(new Set(normal).size).toBe(normal.length);
          const known = new Set(found.entities.map(({ name }) => name));
          for (const { name, normalized, type } of found.entities) {
            expect(normalized).toBe(normalizeEntity(name));
            expect(entityTypes).toContain(type);
          }
          for (const { subject, type, object } of found.relations) {
            expect(known.has(subject) && known.has(object)).toBe(true);
            expect(relationTypes).toContain(type);
            expect(subject).not.toBe(object);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test("MEM-8: at most 64 entities and 64 relations, from the first 20,000 characters", () => {
    const many = Array.from({ length: 200 }, (_, index) => `auth${index}-service uses db${index}-cache.`).join(" ");
    const found = extractEntities(many);
    expect(found.entities).toHaveLength(entityLimits.entities);
    expect(found.relations.length).toBeLessThanOrEqual(entityLimits.relations);
    expect(extractEntities(`${" ".repeat(entityLimits.characters)}Sarah met Bob`).entities).toEqual([]);
  });

  test.each([
    "a",
    "A",
    "A ",
    "a-",
    "a/",
    "a.",
    "a_",
    "@a",
    "#",
    "Ann and ",
    "Ann's ",
    "of ",
    "I ",
    "「",
    "的",
    "(",
    "aA",
    "1.",
    "Dr. ",
    "Ann likes a ",
    "http://",
    "`",
    "A1-1 ",
  ])("MEM-8: 20,000 characters of %j take no time", (unit) => {
    const text = unit.repeat(Math.ceil(20_000 / unit.length));
    const start = performance.now();
    extractEntities(text, { author: "Ann" });
    expect(performance.now() - start).toBeLessThan(1500);
  });
});

describe("normal names (MEM-8)", () => {
  test.each([
    ["  The  Auth-Service ", "auth-service"],
    ["São Paulo", "sao paulo"],
    ["Zürich's", "zurich"],
    ["James’", "james"],
    ["ＩＢＭ", "ibm"],
    ["ΑΘΉΝΑ", "αθηνα"],
    ["Йод", "йод"],
    ["Straße", "strasse"],
    ["The", "the"],
    ["東京", "東京"],
    ["C++", "c++"],
  ])("%j is known as %j", (name, expected) => {
    expect(normalizeEntity(name)).toBe(expected);
  });

  test("MEM-8: normalising twice changes nothing", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 30 }), (name) => {
        expect(normalizeEntity(normalizeEntity(name))).toBe(normalizeEntity(name));
      }),
      { numRuns: 2000 },
    );
  });
});
