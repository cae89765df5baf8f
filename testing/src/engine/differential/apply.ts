/** Does one step to one engine and tells what it answered. */
import type { MemoryFields } from "@cairn/memory/memory/memory";
import type { RememberItem, SessionIngest } from "@cairn/memory/space/engine";
import { itemOf } from "../world.ts";
import type { Draft, Named } from "./drafts.ts";
import { embedderAt, modelVectors, questionVector, vectorsOf } from "./models.ts";
import { actors, outsideId, type Side } from "./side.ts";
import type { ItemSpec, Step, StepOf } from "./steps.ts";
import { survey } from "./survey.ts";
import { transcriptOf } from "./vocabulary.ts";

const relative = ["occurredAt", "validFrom", "validUntil", "expiresAt"] as const;

const fieldsAt = (draft: Draft, now: number): Partial<MemoryFields> => ({
  ...draft,
  ...Object.fromEntries(
    relative.flatMap((name) => {
      const after = draft[name];
      return typeof after === "number" ? [[name, now + after] as const] : [];
    }),
  ),
});

const idNamed = (side: Side, named: Named): string =>
  "outside" in named ? outsideId(named.outside) : side.idOf(named.target);

const itemsOf = (side: Side, specs: readonly ItemSpec[]): Promise<readonly RememberItem[]> =>
  Promise.all(
    specs.map(async ({ content, draft, vectors, skipDedup, expectedVersion, imported }) => {
      const fields = { content, ...fieldsAt(draft, side.now) };
      const more = {
        ...(await modelVectors(content, vectors)),
        skipDedup,
        ...(expectedVersion !== undefined && { expectedVersion }),
      };
      if (imported === undefined) return itemOf(fields, more);
      const { id, sourceInstance, createdAt, updatedAt, supersedes, onConflict } = imported;
      return itemOf(fields, {
        ...more,
        imported: {
          onConflict,
          ...(id !== undefined && { id: idNamed(side, id) }),
          ...(sourceInstance !== undefined && { sourceInstance }),
          ...(createdAt !== undefined && { createdAt: side.now + createdAt }),
          ...(updatedAt !== undefined && { updatedAt: side.now + updatedAt }),
          ...(supersedes !== undefined && { supersedes: supersedes === null ? null : idNamed(side, supersedes) }),
        },
      });
    }),
  );

const update = async (side: Side, { actor, target, content, draft, vectors, expectedVersion }: StepOf<"update">) => {
  const id = side.idOf(target);
  const fields = { ...(content !== undefined && { content }), ...fieldsAt(draft, side.now) };
  const given = content === undefined ? {} : await modelVectors(content, vectors);
  return side.writer(actor).update({ id, fields, ...given, ...(expectedVersion !== undefined && { expectedVersion }) });
};

const correct = async (side: Side, { actor, target, content, draft, vectors }: StepOf<"correct">) =>
  side.writer(actor).correct({
    originalId: side.idOf(target),
    fields: { ...fieldsAt(draft, side.now), content },
    ...(await modelVectors(content, vectors)),
  });

const ingest = async (side: Side, { session, from, count, timed, vectors, late, actor }: StepOf<"ingest">) => {
  const messages = transcriptOf(session)
    .map((message, at) => ({ ...message, at: timed ? Date.UTC(2025, 0, 1, 9, at) : side.now + at, timed }))
    .slice(from, from + count);
  const given: SessionIngest = { sessionId: session, instanceId: actors[actor]?.instance ?? "", messages };
  const planned = await side.reader.planSession(given);
  const made = await Promise.all(
    planned.map(async (text) => [text, await modelVectors(text, vectors === "broken" ? "own" : vectors)] as const),
  );
  const chunks = new Map(made.map(([text, { vectors: of }]) => [text, of] as const));
  if (late) chunks.delete(planned.at(-1) ?? "");
  const outcome = await side.writer(actor).ingestSession(given, chunks, made[0]?.[1].vectorModel);
  return { planned, outcome };
};

const extract = async (side: Side, { actor, session, from, count, failed, items }: StepOf<"extract">) => {
  const due = await side.reader.extractionsDue({ now: side.now, quietSince: side.now + 1e12, limit: 10 });
  const start = from ?? due.find(({ sessionId }) => sessionId === session)?.from ?? 0;
  const outcome = await side.writer(actor).noteExtraction({
    sessionId: session,
    from: start,
    to: start + count,
    prompt: "p1",
    failed,
    nextAt: side.now + 60_000,
    items: await itemsOf(side, items),
  });
  return { due, outcome };
};

const setVectors = async (side: Side, model: number, limit: number, wordless: boolean) => {
  const embedder = embedderAt(model);
  const missing = await side.reader.missingVectors(limit, embedder.model.id);
  const items = await Promise.all(
    missing.map(async ({ document, passage }, at) => ({
      document,
      vectors: wordless && at === 0 ? [] : await vectorsOf(embedder, passage.content),
    })),
  );
  return { missing, taken: await side.writer(0).setVectors(embedder.model.id, items) };
};

const changeOver = async (side: Side, model: number) => {
  await side.writer(0).prepareModel(embedderAt(model).model);
  const filled = await setVectors(side, model, 1_000, false);
  return { filled, switched: await side.writer(0).switchModel(embedderAt(model).model.id) };
};

const timesOf = (filter: { readonly after?: number; readonly before?: number }, now: number) => ({
  ...filter,
  ...(filter.after !== undefined && { after: now + filter.after }),
  ...(filter.before !== undefined && { before: now + filter.before }),
});

const ask = async (side: Side, step: StepOf<"ask">) => {
  const { query, vector, include, limit, minRelevance, explain, filter, asOf, more } = step;
  const moment = asOf === null ? undefined : side.moments.at(-1 - (asOf % side.moments.length));
  return side.reader.recall({
    query,
    ...(await questionVector(query, vector)),
    ...timesOf(filter, side.now),
    ...more,
    include,
    limit,
    minRelevance,
    explain,
    now: side.now,
    ...(moment !== undefined && { asOf: moment }),
  });
};

/** All pages of a list. */
const list = async (side: Side, { filter, quarantined, limit, order }: StepOf<"list">) => {
  const query = {
    ...timesOf(filter, side.now),
    limit,
    ...(quarantined !== undefined && { quarantined }),
    ...(order !== undefined && { order }),
  };
  const pages = [await side.reader.list(query)];
  for (let cursor = pages[0]?.cursor; typeof cursor === "string"; cursor = pages.at(-1)?.cursor)
    pages.push(await side.reader.list({ ...query, cursor }));
  return pages;
};

export const apply = async (side: Side, step: Step): Promise<unknown> => {
  switch (step.do) {
    case "remember":
      return side.writer(step.actor).remember(await itemsOf(side, step.items), step.atomic);
    case "update":
      return update(side, step);
    case "correct":
      return correct(side, step);
    case "forget": {
      const { purge, expectedVersion } = step;
      const options = { purge, ...(expectedVersion !== undefined && { expectedVersion }) };
      return side.writer(step.actor).forget(side.idOf(step.target), options);
    }
    case "restore":
      return side.writer(step.actor).restore(side.idOf(step.target), step.version);
    case "release":
      return side.writer(step.actor).release(side.idOf(step.target), step.expectedVersion);
    case "ingest":
      return ingest(side, step);
    case "extract":
      return extract(side, step);
    case "setVectors":
      return setVectors(side, step.model, step.limit, step.wordless);
    case "prepare":
      return side.writer(0).prepareModel(embedderAt(step.model).model);
    case "switch":
      return side.writer(0).switchModel(embedderAt(step.model).model.id);
    case "changeOver":
      return changeOver(side, step.model);
    case "sweep": {
      const { now } = side;
      const [sessionsBefore, purgeBefore] = [now - step.sessionsOlder, now - step.purgeOlder];
      return side.writer(0).sweep({ now, sessionsBefore, purgeBefore });
    }
    case "ask":
      return ask(side, step);
    case "list":
      return list(side, step);
    case "survey":
      return survey(side);
    case "reopen":
      return null;
  }
};
