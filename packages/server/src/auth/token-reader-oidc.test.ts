/** A real OpenID provider on loopback: its keys by HTTP, its tokens as it makes them. */
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair } from "jose";
// @ts-expect-error -- It comes without types.
import { Provider } from "oidc-provider";
import { expect, test } from "vitest";
import { makeSafeFetch } from "./safe-fetch.ts";
import { setUpTokens } from "./token-reader.fixture.ts";

const newKey = async (kid: string) => ({
  ...(await exportJWK((await generateKeyPair("ES256", { extractable: true })).privateKey)),
  kid,
  alg: "ES256",
  use: "sig",
});

const resource = "urn:example:memory";

/** Makes tokens for programs (client credentials, RFC 6749 §4.4) for one audience (RFC 8707). */
const listenerOf = (issuer: string, key: object): RequestListener => {
  const server = { audience: "cairn-acme", scope: "", accessTokenFormat: "jwt", jwt: { sign: { alg: "ES256" } } };
  const provider = new (Provider as new (issuer: string, options: object) => { callback: () => RequestListener })(
    issuer,
    {
      jwks: { keys: [key] },
      clients: [
        {
          client_id: "agent-7",
          client_secret: "a secret of the agent",
          grant_types: ["client_credentials"],
          redirect_uris: [],
          response_types: [],
          id_token_signed_response_alg: "ES256",
        },
      ],
      cookies: { keys: ["a key of cookies"] },
      ttl: { ClientCredentials: 600 },
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => resource,
          getResourceServerInfo: () => server,
        },
      },
    },
  );
  return provider.callback();
};

const setUp = async () => {
  let listener: RequestListener = () => undefined;
  const server = createServer((request, response) => listener(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const use = async (kid: string): Promise<void> => void (listener = listenerOf(issuer, await newKey(kid)));
  await use("first");
  return {
    issuer,
    rotate: use,
    token: async (): Promise<string> => {
      const response = await fetch(`${issuer}/token`, {
        method: "POST",
        headers: { authorization: `Basic ${btoa("agent-7:a+secret+of+the+agent")}` },
        body: new URLSearchParams({ grant_type: "client_credentials", resource }),
      });
      const answer = (await response.json()) as { readonly access_token?: string };
      expect(response.status, JSON.stringify(answer)).toBe(200);
      return answer.access_token ?? "";
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
};

test("TEN-3 a program signs in with a token of its company's own provider, also after that changed its keys", async () => {
  await using login = await setUp();
  await using world = setUpTokens({ fetch: makeSafeFetch({ allowPrivate: true }), at: Date.now() });
  const { id } = await world.believe({ issuer: login.issuer, jwksUri: `${login.issuer}/jwks`, algorithms: ["ES256"] });
  const expected = { principal: `external:${id}:agent-7`, credential: "provider", role: "editor" };
  expect(await world.read(await login.token())).toMatchObject(expected);
  await login.rotate("second");
  const token = await login.token();
  expect(await world.read(token)).toBeNull();
  world.pass(30_000);
  expect(await world.read(token)).toMatchObject(expected);
  expect(world.warnings).toEqual([]);
});
