import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { expect, test } from "vitest";
import type { RequestContext } from "../rest/app.ts";
import { jwksPage } from "./jwks.ts";
import { publishedForMs } from "./signing-keys-turn.ts";
import { ourIssuer, setUpTokens } from "./token-reader.fixture.ts";

const context = { var: { record: { requestId: "r1", rates: [] } } } as unknown as RequestContext;

test("TEN-3 whoever reads the published keys can check our tokens, and may keep them for a while", async () => {
  await using world = setUpTokens();
  const page = jwksPage(world.keys);
  expect(page.path).toBe("/.well-known/jwks.json");
  expect(await (await page.answer(context)).json()).toEqual({ keys: [] });
  const token = await world.issue();
  const answer = await page.answer(context);
  expect(answer.headers.get("content-type")).toBe("application/jwk-set+json");
  expect(answer.headers.get("cache-control")).toBe(`public, max-age=${publishedForMs / 1_000}`);
  const keys = createLocalJWKSet((await answer.json()) as JSONWebKeySet);
  const { payload } = await jwtVerify(token, keys, {
    issuer: ourIssuer,
    audience: "cairn",
    typ: "at+jwt",
    currentDate: new Date(world.now()),
  });
  expect(payload.sub).toBe("user:anna");
});
