/**
 * What account pages may do: run and show what this server serves, and call it; nothing inline, nothing from elsewhere,
 * in nobody's frame (Content Security Policy level 3). The pages' icon is data.
 */
export const securityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");
