/** Everything that a space can be asked, in one answer: the reader's every method with a few arguments. */
import type { RecallQuery } from "@cairn/memory/recall/query";
import { embedders, questionVector } from "./models.ts";
import { nobody, outsideId, type Side } from "./side.ts";
import { entities, questions, sessionNames, transcriptOf } from "./vocabulary.ts";

const most = 1_000;

/** One after the other, so that an answer does not depend on what else is asked. */
const each = async <Value, Answer>(values: readonly Value[], ask: (value: Value) => Promise<Answer>) => {
  const answers: Answer[] = [];
  for (const value of values) answers.push(await ask(value));
  return answers;
};

const ofMemories = ({ reader, ids, now }: Side) =>
  each([...ids(), outsideId(0), nobody], async (id) => ({
    memory: await reader.get(id),
    versions: await reader.history(id),
    disputes: await reader.disputes(id, now),
  }));

const ofEntities = async ({ reader }: Side) => {
  const known = await reader.entities("", most);
  const names = [...new Set([...entities, ...known.slice(0, 4).map(({ name }) => name)])];
  return {
    known,
    searched: await reader.entities("ra", 3),
    each: await each(names, async (name) => ({
      near: await reader.entityGraph(name, 1),
      far: await reader.entityGraph(name, 3),
      memories: await reader.entityMemories(name, 2, most),
      nearest: await reader.entityMemories(name, 1, 2),
    })),
  };
};

const ofVectors = async ({ reader, ids }: Side) => ({
  state: await reader.vectorState(),
  stored: await reader.vectors([...ids(), nobody]),
  missing: await reader.missingVectors(most),
  some: await reader.missingVectors(3),
  byModel: await each(embedders, ({ model }) => reader.missingVectors(most, model.id)),
});

const ofSessions = ({ reader, now }: Side) =>
  each(sessionNames, async (sessionId) => ({
    messages: await reader.sessionMessages(sessionId, 0, most),
    some: await reader.sessionMessages(sessionId, 2, 2),
    planned: await reader.planSession({
      sessionId,
      instanceId: "laptop",
      messages: transcriptOf(sessionId).map((message) => ({ ...message, at: now, timed: false })),
    }),
  }));

const recalls = (side: Side): readonly (Pick<RecallQuery, "query"> & Partial<RecallQuery>)[] => [
  ...questions.map((query) => ({ query })),
  ...side.moments.slice(-6).flatMap((asOf, at) => [
    { query: questions[at % 2] ?? "", asOf, limit: 50 },
    { query: "unheard", asOf, limit: 50, includeQuarantined: true },
  ]),
  { query: "walrus", include: "all", context: 2, limit: 50 },
  { query: "Priya Raman", includeQuarantined: true, limit: 50, exact: true },
];

/** Of what changes with every page written: how many bytes there are. */
const withoutBytes = ({ bytes: _bytes, ...rest }: Awaited<ReturnType<Side["reader"]["stats"]>>) => rest;

export const survey = async (side: Side): Promise<unknown> => {
  const { reader, now } = side;
  return {
    memories: await ofMemories(side),
    newest: await reader.list({ limit: most }),
    oldest: await reader.list({ limit: 3, order: "oldest" }),
    changes: await reader.changes(0, most),
    later: await reader.changes(5, 2),
    stats: withoutBytes(await reader.stats()),
    entities: await ofEntities(side),
    vectors: await ofVectors(side),
    sessions: await ofSessions(side),
    due: await reader.extractionsDue({ now: now + 120_000, quietSince: now + 1e12, limit: 10 }),
    quiet: await reader.extractionsDue({ now, quietSince: now - 60_000, limit: 1 }),
    recalls: await each(recalls(side), async (asked) => ({
      asked: asked.query,
      answer: await reader.recall({
        ...(await questionVector(asked.query, "own")),
        limit: 10,
        minRelevance: 0,
        include: "all",
        explain: true,
        now,
        ...asked,
      }),
    })),
  };
};
