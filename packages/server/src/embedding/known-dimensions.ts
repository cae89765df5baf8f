/**
 * How many numbers the vectors of a service's models have, as found out before: with it a server starts while the
 * service cannot be reached. A small file beside the cache; without it the service is asked again.
 */
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

const path = (folder: string): string => join(folder, "dimensions.json");
const most = 1_000;

const readAll = async (folder: string): Promise<Readonly<Record<string, unknown>>> => {
  try {
    const read: unknown = JSON.parse(await readFile(path(folder), "utf8"));
    return typeof read === "object" && read !== null && !Array.isArray(read) ? (read as Record<string, unknown>) : {};
  } catch {
    return {};
  }
};

/** Null when it was not found out before. `service` is any name for the model at its address. */
export const readKnownDimensions = async (folder: string, service: string): Promise<number | null> => {
  const all = await readAll(folder);
  const found = Object.hasOwn(all, service) ? all[service] : null;
  return typeof found === "number" && Number.isInteger(found) && found > 0 && found <= 65_536 ? found : null;
};

/** Does nothing where it cannot be written. */
export const keepKnownDimensions = async (folder: string, service: string, dimensions: number): Promise<void> => {
  const others = Object.entries(await readAll(folder)).slice(0, most);
  const text = JSON.stringify({ ...Object.fromEntries(others), [service]: dimensions });
  const beside = `${path(folder)}.${process.pid}.new`;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(beside, text, { mode: 0o600 });
    await rename(beside, path(folder));
  } catch {
    // The next start asks again.
  }
};
