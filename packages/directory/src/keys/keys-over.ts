import type { Clock } from "@cairn/kernel/clock";
import type { DirectoryDatabase } from "../database/directory-database.ts";
import type { KeyDirectory } from "./key-directory.ts";

export const keysOver = (_database: DirectoryDatabase, _clock: Clock): KeyDirectory => ({}) as KeyDirectory;
