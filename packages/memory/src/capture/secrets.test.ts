import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { entropyOf, isRandom } from "./randomness.ts";
import { findSecrets, holdsSecret, redact, removed } from "./secrets.ts";

// Written in parts, so that no scanner of repositories takes an example for a key.
const letters = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0iL";
const examples: readonly (readonly [string, string])[] = [
  ["an AWS key", ["use AKIA", "IOSFODNN7EXAMPLE there"].join("")],
  ["a GitHub token", `ghp_${letters}abcd`],
  ["a fine-grained GitHub token", `github_pat_${letters}`],
  ["a GitLab token", `glpat-${letters.slice(0, 20)}`],
  ["a Slack token", `xoxb-1234567890-${letters.slice(0, 12)}`],
  ["a Stripe key", `sk_live_${letters.slice(0, 24)}`],
  ["an OpenAI key", `my key: sk-proj-${letters}`],
  ["an Anthropic key", `sk-ant-api03-${letters}`],
  ["a Google key", `AIza${letters}abc`],
  ["an npm token", `npm_${letters}abcd`],
  ["a Hugging Face token", `hf_${letters.replace(/\d/gu, "x")}`],
  ["a key of ours", `cairn_live_${letters.slice(0, 8)}_${letters}`],
  ["a JWT", `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.${letters}`],
  ["a bearer token", `Authorization: Bearer ${letters}`],
  ["a token in an address", `https://example.org/cb?access_token=${letters.slice(0, 12)}&x=1`],
  ["a connection string", "postgres://ada:s3cret@db.example.org:5432/app"],
  ["a storage key", `AccountName=x;AccountKey=${letters}==;`],
  ["a private key", `-----BEGIN RSA PRIVATE KEY-----\n${letters}\n-----END RSA PRIVATE KEY-----`],
  ["a private key that is cut off", `-----BEGIN OPENSSH PRIVATE KEY-----\n${letters}`],
  ["a card", "pay with 4111 1111 1111 1111 please"],
  ["a card without spaces", "5500005555555559"],
  ["a password", "password: swordfish"],
  ["a password in a sentence", "My password for the router is hunter2."],
  ["a password in German", "Das Passwort lautet Sommer2024!"],
  ["a password in French", "le mot de passe est Été#2024"],
  ["a password in Spanish", "la contraseña es Verano2024"],
  ["a password in Russian", "пароль: лето2024"],
  ["a password in Chinese", "密码是abc12345"],
  ["a PIN", "my pin is 4821"],
  ["an assignment", 'DB_PASSWORD="correct horse"'],
  ["an environment variable", "STRIPE_API_KEY=abc123def"],
  ["a seed phrase", "seed phrase: apple river stone candle moon ladder quiet ocean tiger paper wolf snow"],
  ["a random token", `the thing is ${letters}xX`],
];

const harmless: readonly string[] = [
  "The password must have at least twelve characters.",
  "The password is stored in the vault.",
  "My password is wrong again",
  "The token is expired.",
  "API key: see the wiki",
  "PIN the tab, then pin the board to the wall",
  "Order 1234 5678 9012 was shipped",
  "call +49 30 1234567 or 030 7654321",
  "0198f6a2-7c1e-7b4a-9d52-3f1c2a6b8e01",
  "commit e3b0c44298fc1c149afbf4c8996fb92427ae41e4",
  "packages/memory/src/capture/secrets.ts and getUserByIdentifierAndName",
  "AbstractSingletonProxyFactoryBean2 extends com.example.app.MainActivityController",
  "https://example.org/some/long/path-with-words/and-more-of-them?page=2",
  "claude-sonnet-4-20250514-v1 and bge-small-en-v1.5",
  "2026-03-14T12:00:00.000Z",
  "The secret of good bread is time.",
  "We keep secrets in the vault: nobody reads them",
];

describe("secrets", () => {
  test.each(examples)("MEM-10 finds %s and leaves nothing of it", (_name, text) => {
    expect(findSecrets(text).length).toBeGreaterThan(0);
    const clean = redact(text);
    expect(clean).toContain(removed);
    for (const word of text.match(/[A-Za-z0-9]{8,}/gu) ?? [])
      if (letters.includes(word.slice(0, 8))) expect(clean).not.toContain(word);
    expect(clean).not.toMatch(/hunter2|swordfish|s3cret|4111|Sommer2024|лето2024|abc12345|4821|correct horse|candle/u);
    expect(holdsSecret(clean)).toBe(true);
    expect(redact(clean)).toBe(clean);
  });

  test.each(harmless)("MEM-10 leaves what only looks like one: %s", (text) => {
    expect(redact(text)).toBe(text);
  });

  test("MEM-10 finds nearly every random token of 24 bytes and more", () => {
    const tokens = Array.from({ length: 500 }, () => randomBytes(27).toString("base64url"));
    expect(tokens.filter(isRandom).length).toBeGreaterThan(480);
    expect(entropyOf("aaaa")).toBe(0);
    expect(entropyOf("abcd")).toBe(2);
  });

  test("MEM-10 gives secrets in order and apart, in any text, and ends on long ones", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...examples.map(([, text]) => text), ...harmless), { maxLength: 5 }),
        (parts) => {
          const text = parts.join(" ");
          const found = findSecrets(text);
          for (const [index, { from, to }] of found.entries()) {
            expect(from).toBeLessThan(to);
            expect(from).toBeGreaterThanOrEqual(found[index - 1]?.to ?? 0);
          }
        },
      ),
    );
    for (const unit of [
      "password ",
      "eyJ",
      "-----BEGIN PRIVATE KEY-----",
      "1 ",
      "a:b@",
      "key=",
      "seed phrase ",
      "https://a:",
    ])
      expect(findSecrets(unit.repeat(100_000 / unit.length)).length).toBeGreaterThanOrEqual(0);
  });
});
