/** Spaces in requests and answers. */
import type { SpaceRecord } from "@cairn/directory/space-directory";
import { toRfc3339 } from "@cairn/kernel/clock";
import { rerankModes } from "@cairn/memory/recall/reranker";
import { visibilities } from "@cairn/memory/permission/permission";
import { z } from "zod";
import { shownInstant } from "./instant.ts";
import { text } from "./text.ts";

export const spaceReference = text({ name: "space", max: 100, trim: true, describe: "A space's id or name." });

/** The space of a call; absent or null: the caller's own. */
export const inSpace = {
  space: spaceReference
    .nullish()
    .meta({ description: "The space's id or name; absent: your key's space, or `default`." })
    .transform((given) => given ?? undefined),
} as const;

export const spaceName = text({
  name: "name",
  max: 100,
  trim: true,
  describe: "Unique, whatever the case of its letters.",
});
export const spaceDescription = text({ name: "description", max: 1_000, min: 0, describe: "What the space is for." });

export const spaceRerank = z.enum(rerankModes, "rerank must be none, heuristic or cross-encoder").meta({
  description: "How the best of its recalls are ordered again where a call does not say; null: as the server is set.",
});

export const spaceVisibility = z.enum(visibilities, "visibility must be private, organisation or public").meta({
  description:
    "Who reaches it without a grant: its owner alone, its organisation by role, or for reading whoever signs in to this server too.",
});

export const space = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  rerank: spaceRerank.nullable(),
  visibility: spaceVisibility,
  organisation: z.string().meta({ description: "The id of the organisation it belongs to." }),
  owner: z.string().nullable().meta({ description: "The principal that a private space belongs to." }),
  createdAt: shownInstant("When it was created."),
  updatedAt: shownInstant("When it last changed."),
});

export const showSpace = (given: SpaceRecord): z.output<typeof space> => ({
  id: given.id,
  name: given.name,
  description: given.description,
  rerank: given.rerank,
  visibility: given.visibility,
  organisation: given.organisation,
  owner: given.owner,
  createdAt: toRfc3339(given.createdAt),
  updatedAt: toRfc3339(given.updatedAt),
});
