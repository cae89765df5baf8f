/** Routes of tokens and of the identity providers whose tokens are believed (TEN-3). */
import { createProvider } from "@cairn/operations/operations/providers/create";
import { getProvider } from "@cairn/operations/operations/providers/get";
import { listProviders } from "@cairn/operations/operations/providers/list";
import { removeProvider } from "@cairn/operations/operations/providers/remove";
import { updateProvider } from "@cairn/operations/operations/providers/update";
import { createToken } from "@cairn/operations/operations/tokens/create";
import { rotateTokenKeys } from "@cairn/operations/operations/tokens/rotate-keys";
import { type Binding, bind } from "./binding.ts";

export const tokenBindings: readonly Binding[] = [
  bind("POST /v1/auth/tokens", createToken, { status: 201, example: { expires_in: 900, scopes: ["memories:read"] } }),
  bind("POST /v1/auth/token-keys/rotate", rotateTokenKeys, { example: { revoke: false } }),
  bind("POST /v1/auth/providers", createProvider, {
    status: 201,
    example: {
      issuer: "https://login.example.com",
      audience: "cairn-example",
      jwks_uri: "https://login.example.com/.well-known/jwks.json",
      role_claim: "groups",
      roles: [{ value: "memory-admins", role: "admin" }],
      default_role: "editor",
    },
  }),
  bind("GET /v1/auth/providers", listProviders),
  bind("GET /v1/auth/providers/{id}", getProvider),
  bind("PATCH /v1/auth/providers/{id}", updateProvider, { example: { default_role: "viewer" } }),
  bind("DELETE /v1/auth/providers/{id}", removeProvider),
];
