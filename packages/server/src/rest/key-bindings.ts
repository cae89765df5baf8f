/** Routes of API keys, and of who the caller is. */
import { whoami } from "@cairn/operations/operations/auth/whoami";
import { createKey } from "@cairn/operations/operations/keys/create";
import { getKey } from "@cairn/operations/operations/keys/get";
import { listKeys } from "@cairn/operations/operations/keys/list";
import { revokeKey } from "@cairn/operations/operations/keys/revoke";
import { rotateKey } from "@cairn/operations/operations/keys/rotate";
import { updateKey } from "@cairn/operations/operations/keys/update";
import { type Binding, bind } from "./binding.ts";

export const keyBindings: readonly Binding[] = [
  bind("GET /v1/auth/whoami", whoami),
  bind("POST /v1/auth/keys", createKey, {
    status: 201,
    example: { label: "My agent", scopes: ["memories:read", "memories:write"], expires_in: 7_776_000 },
  }),
  bind("GET /v1/auth/keys", listKeys),
  bind("GET /v1/auth/keys/{id}", getKey),
  bind("PATCH /v1/auth/keys/{id}", updateKey, { example: { label: "My old agent" } }),
  bind("DELETE /v1/auth/keys/{id}", revokeKey),
  bind("POST /v1/auth/keys/{id}/rotate", rotateKey, { status: 201, example: { grace_seconds: 3_600 } }),
];
