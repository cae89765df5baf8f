/** `/.well-known/jwks.json`: the public keys of tokens of ours (RFC 7517), for whoever checks them outside. */
import { answerHeaders, type Page } from "../rest/app.ts";
import type { SigningKeys } from "./signing-keys.ts";
import { publishedForMs } from "./signing-keys-turn.ts";

export const jwksPath = "/.well-known/jwks.json";

/** What others may keep for as long as `publishedForMs`: a key is published longer than that before it signs. */
export const jwks = async (keys: Pick<SigningKeys, "published">) => ({ keys: await keys.published() });

export const jwksPage = (keys: Pick<SigningKeys, "published">): Page => ({
  path: jwksPath,
  answer: async (context) =>
    new Response(JSON.stringify(await jwks(keys)), {
      headers: answerHeaders(context, {
        "Content-Type": "application/jwk-set+json",
        "Cache-Control": `public, max-age=${publishedForMs / 1_000}`,
      }),
    }),
});
