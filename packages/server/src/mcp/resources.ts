/**
 * Memories as resources, for clients that let a person attach them: each memory under `cairn://memory/{id}`, each space
 * with its latest under `cairn://space/{name}`. They are JSON, so that text in them stays between its quotes.
 */
import type {
  ListResourcesResult,
  ListResourceTemplatesResult,
  ReadResourceResult,
} from "@modelcontextprotocol/server";
import { ResourceNotFoundError } from "@modelcontextprotocol/server";
import { isCairnError } from "@cairn/kernel/error";
import { getMemory } from "@cairn/operations/operations/memories/get";
import { listMemories } from "@cairn/operations/operations/memories/list";
import { getSpace } from "@cairn/operations/operations/spaces/get";
import { listSpaces } from "@cairn/operations/operations/spaces/list";
import { readStats } from "@cairn/operations/operations/stats/read";
import { toWire } from "@cairn/operations/wire";
import { compactMemory } from "./native/compact-memory.ts";
import type { Call } from "./tool.ts";

const mimeType = "application/json";
const recent = 20;
const titleLength = 80;

const shortened = (content: string): string => {
  const [line = ""] = content.trim().split("\n");
  const characters = [...line];
  return characters.length <= titleLength ? line : `${characters.slice(0, titleLength - 1).join("")}…`;
};

export const listResources = async (call: Call): Promise<ListResourcesResult> => {
  const [{ spaces }, { memories }] = await Promise.all([call(listSpaces, {}), call(listMemories, { limit: recent })]);
  return {
    resources: [
      ...spaces.map(({ name, description }) => ({
        uri: `cairn://space/${encodeURIComponent(name)}`,
        name: `space ${name}`,
        title: `Space ${name}`,
        description: description ?? "Its statistics and latest memories.",
        mimeType,
      })),
      ...memories.map(({ id, content, createdAt }) => ({
        uri: `cairn://memory/${encodeURIComponent(id)}`,
        name: `memory ${id}`,
        title: shortened(content),
        description: `Remembered ${createdAt}.`,
        mimeType,
      })),
    ],
  };
};

export const resourceTemplates: ListResourceTemplatesResult = {
  resourceTemplates: [
    {
      uriTemplate: "cairn://memory/{id}",
      name: "memory",
      title: "A memory",
      description: "One memory by its id.",
      mimeType,
    },
    {
      uriTemplate: "cairn://space/{name}",
      name: "space",
      title: "A space",
      description: "A space's statistics and latest memories.",
      mimeType,
    },
  ],
};

const readSpace = async (call: Call, name: string): Promise<unknown> => {
  const [space, stats, { memories }] = await Promise.all([
    call(getSpace, { space: name }),
    call(readStats, { space: name }),
    call(listMemories, { space: name, limit: recent }),
  ]);
  return { space: toWire(space), stats: toWire(stats), latest: memories.map(compactMemory) };
};

const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
};

const readers: Readonly<Record<string, (call: Call, name: string) => Promise<unknown>>> = {
  memory: async (call, id) => compactMemory(await call(getMemory, { id })),
  space: readSpace,
};

/** Throws ResourceNotFoundError for an address that names nothing. */
export const readResource = async (call: Call, uri: string): Promise<ReadResourceResult> => {
  const [, kind = "", name = ""] = /^cairn:\/\/(memory|space)\/([^/?#]+)$/u.exec(uri) ?? [];
  const reader = readers[kind];
  const wanted = decoded(name);
  if (reader === undefined || wanted === null) throw new ResourceNotFoundError(uri);
  try {
    return { contents: [{ uri, mimeType, text: JSON.stringify(await reader(call, wanted)) }] };
  } catch (error) {
    const absent =
      isCairnError(error) && ["memory.not_found", "space.not_found", "request.invalid"].includes(error.code);
    throw absent ? new ResourceNotFoundError(uri) : error;
  }
};
