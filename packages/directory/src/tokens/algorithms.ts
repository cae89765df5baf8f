/** Signatures of tokens (RFC 7518 §3.1, RFC 8037): only those that a public key checks, so that none can be a password. */
export const signingAlgorithms = ["EdDSA", "ES256"] as const;
export type SigningAlgorithm = (typeof signingAlgorithms)[number];

export const providerAlgorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
] as const;
export type ProviderAlgorithm = (typeof providerAlgorithms)[number];
