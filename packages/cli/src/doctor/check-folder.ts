/** Whether the data folder is there, can be written, and has room. */
import { randomBytes } from "node:crypto";
import { rm, stat, statfs, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sizeText } from "../output/size-text.ts";
import { type Finding, note, ok, problem } from "./finding.ts";

const leastFreeBytes = 200_000_000;

const isFolder = async (path: string): Promise<boolean | null> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => null,
  );

const nearestFolder = async (path: string): Promise<string> => {
  const above = dirname(path);
  return above === path || (await isFolder(above)) !== null ? above : nearestFolder(above);
};

const canWrite = async (folder: string): Promise<boolean> => {
  const probe = join(folder, `.cairn-doctor-${randomBytes(6).toString("hex")}`);
  try {
    await writeFile(probe, "", { flag: "wx" });
    return true;
  } catch {
    return false;
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
};

const checkRoom = async (folder: string): Promise<Finding> => {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= leastFreeBytes) return ok("disk", `${sizeText(free)} free`);
  return problem(
    "disk",
    `Only ${sizeText(free)} are free where the data is.`,
    "Free some space, or move the folder and set CAIRN_DATA",
  );
};

const permissions = "Give yourself the right to write there, or choose another folder with CAIRN_DATA";

export interface FolderCheck {
  readonly findings: readonly Finding[];
  /** Whether there is a folder to look into. */
  readonly exists: boolean;
}

export const checkFolder = async (folder: string): Promise<FolderCheck> => {
  const found = await isFolder(folder);
  if (found === false) {
    return {
      exists: false,
      findings: [
        problem("data", `${folder} is a file, not a folder.`, "Move it away, or choose another folder with CAIRN_DATA"),
      ],
    };
  }
  if (found === null) {
    const above = await nearestFolder(folder);
    const first = (await canWrite(above))
      ? note("data", `${folder} is not there yet; it is made when something is remembered.`)
      : problem("data", `${folder} is not there, and cannot be made in ${above}.`, permissions);
    return { exists: false, findings: [first, await checkRoom(above)] };
  }
  const first = (await canWrite(folder))
    ? ok("data", folder)
    : problem("data", `${folder} cannot be written: reading goes on, nothing can be remembered.`, permissions);
  return { exists: true, findings: [first, await checkRoom(folder)] };
};
