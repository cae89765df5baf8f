import type { ChangeKind } from "@cairn/memory/change/change";
import { z } from "zod";

const kinds = [
  "create",
  "update",
  "supersede",
  "delete",
  "restore",
  "release",
  "purge",
  "session",
  "repair",
] as const satisfies readonly ChangeKind[];

export const changeKind = z.enum(kinds).meta({ description: "What was done." });
