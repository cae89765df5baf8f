/** Addresses that a page is given: only ever paths of this server, whatever a link says. Knows nothing of the document. */

/**
 * The path that `next` names, or `otherwise`. What would leave this origin (`//evil`, `/\evil`, `https:…`, control
 * characters that browsers drop) is not followed.
 * @param {string | null} next
 * @param {string} origin
 * @param {string} [otherwise]
 * @returns {string}
 */
export const ownPath = (next, origin, otherwise = "/account") => {
  if (next === null || next.length > 2000 || !/^\/(?![/\\])[\x21-\x7e]*$/u.test(next)) return otherwise;
  const url = URL.parse(next, origin);
  // Dots can go away and leave two slashes, which name a host.
  if (url === null || url.origin !== origin || url.pathname.startsWith("//")) return otherwise;
  return `${url.pathname}${url.search}${url.hash}`;
};

/**
 * What stands behind `name=` in a fragment such as `#token=abc`.
 * @param {string} fragment
 * @param {string} name
 * @returns {string | null}
 */
export const fromFragment = (fragment, name) => new URLSearchParams(fragment.replace(/^#/u, "")).get(name);
