/** The name under which this machine's memories are written when none was chosen: its host name, made stable. */

const pattern = /^[A-Za-z0-9][A-Za-z0-9._:@-]{0,99}$/;

export const isInstanceId = (given: string): boolean => pattern.test(given);

/** Lower-case letters, digits and dashes; `local` when the host name has none of them. */
export const defaultInstanceId = (hostname: string): string => {
  const [first = ""] = hostname.toLowerCase().split(".");
  const slug = first
    .replace(/[^a-z0-9]+/gu, "-")
    .replace(/^-+|-+$/gu, "")
    .slice(0, 60);
  return slug === "" ? "local" : slug;
};
