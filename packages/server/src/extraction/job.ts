/**
 * The job that finds memories in conversations through a model (MEM-10), where the settings name one. It looks at a space
 * soon after a session grew there, and through all of them now and then (`jobs/space-walk.ts`); what is left to do is in
 * the spaces' files. No
 * write ever waits for it. Its log lines tell how many, never what.
 */
import type { Actor, ExtractionDue } from "@cairn/memory/space/engine";
import type { ChatFailure, ChatModel } from "@cairn/operations/extraction/chat-model";
import type { Services } from "@cairn/operations/context";
import type { CallRecord } from "@cairn/operations/pipeline";
import { extractSession } from "@cairn/operations/extraction/extract-session";
import type { NoteOfJob } from "../access/job-notes.ts";
import { firstTime } from "../jobs/first-time.ts";
import type { Lease, TakeLease } from "../jobs/lease.ts";
import { walkSpaces } from "../jobs/space-walk.ts";

export interface ExtractionJobOptions {
  /** Milliseconds after the start until all spaces are looked through, and between two times. */
  readonly after?: number;
  readonly every?: number;
  /** How long a session must be quiet before it is read. */
  readonly quietMs?: number;
  /** How long nothing is asked after a setting turned out wrong. */
  readonly settingPauseMs?: number;
  readonly random?: () => number;
  /** Keeps two processes from asking the same; by default nothing does, which costs money and no correctness. */
  readonly lease?: TakeLease;
  /** Whether one of the servers that share `lease` looks through all spaces for all of them. */
  readonly leads?: boolean;
  /** For the audit of what is stored; nothing is audited when absent. */
  readonly noteOf?: NoteOfJob;
  /** Told of a space that could not be read or written. */
  readonly failed?: (error: unknown) => void;
  /** Takes a line for people, once for each outage. */
  readonly warn?: (line: string) => void;
}

export interface ExtractionJobStatus {
  readonly stored: number;
  readonly duplicates: number;
  readonly dropped: number;
  /** Questions that got no usable answer. */
  readonly failures: number;
  readonly working: string | null;
}

export interface ExtractionJob {
  /** A session may have grown in this space. */
  readonly due: (space: string) => void;
  /** For the pipeline's observer: notes the calls after which a session may have grown. */
  readonly observe: (record: Pick<CallRecord, "operation" | "outcome" | "spaces">) => void;
  readonly status: () => ExtractionJobStatus;
  /** Ends what is under way and resolves when nothing is any more. */
  readonly stop: () => Promise<void>;
}

/** Operations after which a session may have grown. */
const growsSessions: ReadonlySet<string> = new Set(["sessions.ingest", "capture.turns"]);
const minute = 60_000;
const sessionsAtOnce = 16;
const leaseAgainMs = 15_000;
const noLease: Lease = { renew: async () => undefined, release: async () => undefined };

/** Begins at once to wait; never keeps the process alive. */
export const startExtractionJob = (
  services: Services,
  model: ChatModel,
  options: ExtractionJobOptions = {},
): ExtractionJob => {
  const { after = 15_000, every = 10 * minute, quietMs = minute, settingPauseMs = 10 * minute } = options;
  const { random = Math.random, lease = async () => noLease, leads = false, noteOf } = options;
  const { failed = () => undefined, warn = () => undefined } = options;
  const now = (): number => performance.now();
  const stopping = new AbortController();
  const { signal } = stopping;
  const actorIn = async (space: string): Promise<Actor> => {
    const note = await noteOf?.(space, "jobs.extract");
    return { principal: "cairn", instance: services.settings.instance, ...(note === undefined ? {} : { note }) };
  };
  const dueSpaces = new Map<string, number>();
  const counts = { stored: 0, duplicates: 0, dropped: 0, failures: 0 };
  const lead = leads ? () => lease("extraction walk") : null;
  const walk = walkSpaces({ directory: services.directory, after, every, lead, now });
  let quietUntil = 0;
  let told = false;
  let working: string | null = null;
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;

  const dueAt = (space: string, at: number): void =>
    void dueSpaces.set(space, Math.min(at, dueSpaces.get(space) ?? Number.POSITIVE_INFINITY));

  const noteFailure = ({ kind, reason, hint, retryAfterMs }: ChatFailure): void => {
    counts.failures += 1;
    if (kind === "refused") return;
    const pause = kind === "setting" ? settingPauseMs : (retryAfterMs ?? minute);
    quietUntil = now() + pause * (1 + random() / 4);
    if (told) return;
    told = true;
    warn(
      `Conversations are not searched for memories now: the extraction service ${reason}.${hint === undefined ? "" : ` ${hint}`}`,
    );
  };

  const sessionsDue = (space: string, limit: number): Promise<readonly ExtractionDue[]> => {
    const clock = services.clock();
    return services.engine.read(space).extractionsDue({ now: clock, quietSince: clock - quietMs, limit });
  };

  /** Reads on in each session that is due; false when the service wants to be left in peace. */
  const readSpace = async (space: string, held: Lease): Promise<boolean> => {
    const due = await sessionsDue(space, sessionsAtOnce);
    for (const session of due) {
      if (signal.aborted) return true;
      const actor = await actorIn(space);
      const result = await extractSession(services, { space, due: session, model, actor, random, signal });
      await held.renew();
      if (result.status === "read") {
        told = false;
        counts.stored += result.stored;
        counts.duplicates += result.duplicates;
        counts.dropped += result.dropped;
        if (!result.done) dueAt(space, now());
      } else if (result.status === "failed") {
        noteFailure(result.failure);
        if (quietUntil > now()) return false;
      }
    }
    if (due.length === sessionsAtOnce) dueAt(space, now());
    return true;
  };

  const attempt = async (space: string): Promise<void> => {
    dueSpaces.delete(space);
    working = space;
    let held: Lease | null = null;
    try {
      // Most spaces have nothing to read, and cost this one question.
      if ((await sessionsDue(space, 1)).length === 0) return;
      held = await lease(`extraction-${space}`);
      if (held === null) return dueAt(space, now() + leaseAgainMs);
      if (!(await readSpace(space, held))) dueAt(space, quietUntil);
    } catch (error) {
      if (!signal.aborted) failed(error);
    } finally {
      working = null;
      await held?.release();
    }
  };

  const round = async (): Promise<void> => {
    if (now() >= walk.nextAt()) for (const id of await walk.next()) dueAt(id, now());
    for (const [space, at] of Array.from(dueSpaces)) {
      if (signal.aborted || quietUntil > now()) return;
      if (at <= now()) await attempt(space);
    }
  };

  const wait = (): void => {
    if (signal.aborted || running !== null) return;
    clearTimeout(timer);
    const next = Math.max(firstTime(dueSpaces.values(), walk.nextAt()), quietUntil);
    timer = setTimeout(
      () => {
        running = round()
          .catch(failed)
          .finally(() => {
            running = null;
            wait();
          });
      },
      Math.max(0, next - now()),
    );
    timer.unref();
  };
  wait();

  const due = (space: string): void => {
    // Not before it has been quiet; a little later, so that the quiet is seen.
    dueAt(space, now() + quietMs + 50);
    wait();
  };
  return {
    due,
    observe: ({ operation, outcome, spaces }) => {
      if (growsSessions.has(operation) && outcome === "ok") for (const space of spaces) due(space);
    },
    status: () => ({ ...counts, working }),
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await running;
      await walk.stop();
    },
  };
};
