/**
 * What people are told of where a database is: `PostgreSQL at host:5432/name`, without who signs in. Only what follows
 * the last @ is told: addresses are not always encoded as they should be, and a password may hold anything.
 */
export const placeOf = (url: string): string => {
  const place = url
    .slice(url.lastIndexOf("@") + 1)
    .replace(/^postgres(?:ql)?:\/\//u, "")
    .replace(/\?.*$/u, "");
  return `PostgreSQL at ${place === "" ? "its default address" : place}`;
};
