/** Everything that an export holds, read page by page through the operations. */
import { isCairnError } from "@cairn/kernel/error";
import type { JsonObject } from "@cairn/memory/memory/memory";
import { listChanges } from "@cairn/operations/operations/changes/list";
import { exportMemoriesPage } from "@cairn/operations/operations/memories/export-page";
import { getMemory } from "@cairn/operations/operations/memories/get";
import { sessionMessages } from "@cairn/operations/operations/sessions/messages";
import type { ShownMemory } from "@cairn/operations/schemas/memory";
import type { Local } from "../local/open-local.ts";

export interface ExportFilters {
  readonly tags?: readonly string[];
  readonly dateFrom?: string;
  readonly dateTo?: string;
  readonly space?: string;
}

export interface ExportPage {
  readonly manifest: JsonObject;
  /** As a portable bundle has them, with the vector where a memory has a single one. */
  readonly entries: readonly JsonObject[];
}

const pageSize = 500;

export async function* entryPages(
  local: Local,
  filters: ExportFilters,
  signal: AbortSignal,
): AsyncGenerator<ExportPage> {
  let cursor: string | null = null;
  do {
    signal.throwIfAborted();
    const page: { bundle: { manifest: unknown; entries: unknown[] }; cursor: string | null } = await local.call(
      exportMemoriesPage,
      {
        ...filters,
        limit: pageSize,
        cursor,
      },
    );
    yield { manifest: page.bundle.manifest as JsonObject, entries: page.bundle.entries as JsonObject[] };
    cursor = page.cursor;
  } while (cursor !== null);
}

/** How many memories pass, for formats that begin with their number. */
export const countEntries = async (local: Local, filters: ExportFilters, signal: AbortSignal): Promise<number> => {
  let count = 0;
  for await (const { entries } of entryPages(local, filters, signal)) count += entries.length;
  return count;
};

export interface WholeMemory {
  readonly memory: ShownMemory;
  readonly vector: readonly number[] | null;
}

/** Memories with all their fields; one that is deleted meanwhile is left out. */
export async function* wholeMemories(
  local: Local,
  filters: ExportFilters,
  signal: AbortSignal,
): AsyncGenerator<WholeMemory> {
  for await (const { entries } of entryPages(local, filters, signal)) {
    for (const { id, embedding } of entries) {
      try {
        const memory = await local.call(getMemory, {
          id,
          ...(filters.space === undefined ? {} : { space: filters.space }),
        });
        yield { memory, vector: Array.isArray(embedding) ? (embedding as readonly number[]) : null };
      } catch (error) {
        if (!isCairnError(error) || error.code !== "memory.not_found") throw error;
      }
    }
  }
}

const changesAfter = (local: Local, cursor: string | undefined, space: object) =>
  local.call(listChanges, { limit: 1_000, cursor, ...space });

/** The ids of the space's sessions, in the order of their first message: every one is in the log. */
const sessionIds = async (local: Local, space: object, signal: AbortSignal): Promise<ReadonlySet<string>> => {
  const ids = new Set<string>();
  let cursor: string | undefined;
  for (let hasMore = true; hasMore;) {
    signal.throwIfAborted();
    const page: Awaited<ReturnType<typeof changesAfter>> = await changesAfter(local, cursor, space);
    for (const { kind, subject } of page.changes) if (kind === "session") ids.add(subject);
    cursor = page.cursor;
    hasMore = page.hasMore;
  }
  return ids;
};

interface MessagePage {
  readonly messages: readonly { readonly role: string; readonly content: string; readonly timestamp: string }[];
  readonly cursor: string | null;
}

/** Nothing for a session that is past its retention. */
const messagePage = async (
  local: Local,
  sessionId: string,
  cursor: string | null,
  space: object,
): Promise<MessagePage> => {
  try {
    return await local.call(sessionMessages, { sessionId, limit: 1_000, cursor, ...space });
  } catch (error) {
    if (isCairnError(error) && error.code === "session.not_found") return { messages: [], cursor: null };
    throw error;
  }
};

/** Every message of every session, a session after the other. */
export async function* allMessages(
  local: Local,
  space: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<JsonObject> {
  const where = space === undefined ? {} : { space };
  for (const sessionId of await sessionIds(local, where, signal)) {
    let cursor: string | null = null;
    do {
      signal.throwIfAborted();
      const page: MessagePage = await messagePage(local, sessionId, cursor, where);
      for (const { role, content, timestamp } of page.messages)
        yield { session_id: sessionId, role, content, timestamp };
      cursor = page.cursor;
    } while (cursor !== null);
  }
}
