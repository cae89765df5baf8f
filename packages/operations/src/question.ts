/** Embedding a question in the models of the spaces it goes to: without an answer in time, words alone must do. */
import { isCairnError } from "@cairn/kernel/error";
import type { Embedder } from "@cairn/memory/embedding/embedder";
import type { RecallAnswer, RecallQuery } from "@cairn/memory/recall/query";
import { asking } from "./courtesy.ts";
import { vectorFloor } from "./vector-floor.ts";
import { type EmbeddingServices, embedderFor, noteSpaceModel } from "./embedding.ts";

interface Vector {
  readonly vector: Float32Array;
  readonly vectorModel: string;
  readonly vectorFloor: number;
}

interface Embedded {
  readonly asked: Vector | null;
  /** The embedder took longer than its part of the deadline. */
  readonly late: boolean;
}

/** The part of a deadline that embedding may take: the search needs the rest. */
const share = 0.5;
const noVector: Vector = { vector: new Float32Array(0), vectorModel: "", vectorFloor: 0 };

const orLate = async <T>(work: Promise<T>, milliseconds: number): Promise<T | "late"> => {
  const { promise, resolve } = Promise.withResolvers<"late">();
  const timer = setTimeout(resolve, milliseconds, "late");
  // When time is up first, a later failure of the embedder concerns nobody.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
};

const embed = async (embedder: Embedder, query: string, tenant: string): Promise<Embedded> => {
  try {
    const [vector, floor] = await Promise.all([embedder.embedQuery(query, { tenant }), vectorFloor(embedder)]);
    return { asked: { vector, vectorModel: embedder.model.id, vectorFloor: floor }, late: false };
  } catch (error) {
    if (isCairnError(error) && error.code === "embedding.unavailable") return { asked: null, late: false };
    throw error;
  }
};

export interface Asked {
  readonly answer: RecallAnswer;
  readonly late: boolean;
  /** The model that compared meanings; null when only words did. */
  readonly model: string | null;
}

type Question = Omit<RecallQuery, "query" | "vector" | "vectorModel" | "vectorFloor">;

/** A question that several spaces are asked, embedded once for each of their models. */
export const makeQuestion = (services: EmbeddingServices, text: string, deadlineMs: number | null) => {
  const byModel = new Map<string, Promise<Embedded>>();
  const embedFor = async (space: string): Promise<Embedded> => {
    const embedder = await embedderFor(services, space);
    if (embedder === null) return { asked: null, late: false };
    const known = byModel.get(embedder.model.id) ?? embed(embedder, text, space);
    byModel.set(embedder.model.id, known);
    return known;
  };
  /** In time, however long it takes to learn which model it is to be. */
  const embeddedFor = async (space: string): Promise<Embedded> => {
    if (deadlineMs === null) return embedFor(space);
    const embedded = await orLate(embedFor(space), deadlineMs * share);
    return embedded === "late" ? { asked: null, late: true } : embedded;
  };
  /** Recalls from a space; when the space has just changed its model, once more in the new one. */
  const askIn = async (space: string, query: Question): Promise<Asked> => {
    for (let attempt = 1; ; attempt += 1) {
      const { asked, late } = await embeddedFor(space);
      const answer = await services.engine.read(space).recall({ ...query, query: text, ...(asked ?? noVector) });
      // Time was up before the space said anything, of its model either.
      if (answer.partial && answer.model === null) return { answer, late, model: null };
      noteSpaceModel(services.engine, space, answer.model);
      const compared = asked !== null && (answer.model === null || answer.model.id === asked.vectorModel);
      if (compared || asked === null || attempt > 1) {
        return { answer, late, model: compared ? asked.vectorModel : null };
      }
    }
  };
  const ask = (space: string, query: Question): Promise<Asked> => asking(services.engine, () => askIn(space, query));
  return { ask };
};
