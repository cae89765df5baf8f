/** The port of whoever signs tokens of ours (TEN-3), as operations ask it; the server has it. */
import { CairnError } from "@cairn/kernel/error";
import type { Millis } from "@cairn/kernel/clock";
import type { AuditEntry } from "@cairn/memory/audit/audit-entry";
import type { Scope } from "@cairn/memory/permission/permission";

/** What a token says of whoever shows it; whether that still holds is asked anew each time it is shown. */
export interface TokenClaims {
  readonly principal: string;
  readonly organisation: string;
  readonly scopes: readonly Scope[];
  /** The id of the only space that it reaches. */
  readonly space: string | null;
  /** The id of the key that it was made with; it ends with that key. */
  readonly key: string | null;
  readonly instance: string | null;
  readonly expiresAt: Millis;
}

export interface RotatedKey {
  readonly id: string;
  readonly signsFrom: Millis;
}

export interface TokenIssuer {
  /** What `iss` of its tokens is. */
  readonly issuer: string;
  /** Throws config.invalid where no signing key can be opened, storage.*. */
  readonly issue: (claims: TokenClaims) => Promise<string>;
  /** Makes a new signing key; `revoke`: every token that was issued before is refused from now on. */
  readonly rotateKeys: (revoke: boolean, note?: AuditEntry) => Promise<RotatedKey>;
}

/** Throws auth.forbidden where nothing issues tokens. */
export const issuerOf = ({ tokenIssuer }: { readonly tokenIssuer?: TokenIssuer }): TokenIssuer => {
  if (tokenIssuer !== undefined) return tokenIssuer;
  throw new CairnError("auth.forbidden", "No tokens are issued here.", {
    hint: "Tokens are for servers that ask who you are: see `cairn admin init`.",
  });
};
