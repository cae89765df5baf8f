/**
 * `npm run bench -- peers --data PATH`: other memories on the same work in the same run, each installed from its
 * registry into an environment of its own and run in a process of its own, one after the other. All get the same
 * vectors from one loopback service. Times on a shared machine move from minute to minute: read the ratios.
 */
import { basename } from "node:path";
import { builtin, embedderSetting, openEmbedder } from "../embedders.ts";
import { writeResult } from "../result-file.ts";
import { startServer } from "../server.ts";
import { readSet } from "../sets/read-set.ts";
import { startEmbeddingServer } from "./embedding-server.ts";
import { peers } from "./list.ts";
import { measurePeer, type PeerOutcome } from "./measure.ts";
import { peerTables, showPeers } from "./table.ts";
import { workOf } from "./work.ts";

export interface PeersOptions {
  readonly data: string;
  readonly only: readonly string[] | null;
  /** The first so many conversations. */
  readonly spaces: number;
  readonly questions: number | null;
  readonly embedder: string | null;
  readonly keep: boolean;
  readonly checkout: string | null;
  readonly command: string;
}

const limit = 10;
const singles = 20;

const chosenPeers = (only: readonly string[] | null): typeof peers => {
  const unknown = only?.find((name) => !peers.some((peer) => peer.name === name));
  if (unknown !== undefined) {
    throw new Error(`There is no peer ${unknown}; there are ${peers.map(({ name }) => name).join(", ")}.`);
  }
  return only === null ? peers : peers.filter(({ name }) => only.includes(name));
};

const shortly = (outcome: PeerOutcome): string =>
  "failed" in outcome
    ? `NOT MEASURED: ${outcome.failed}`
    : `recall@${limit} ${outcome.recall.toFixed(1)}, a recall in ${outcome.recallTime.p50.toFixed(1)} ms`;

/** True when every chosen peer was measured. */
export const benchPeers = async (options: PeersOptions): Promise<boolean> => {
  const work = workOf(readSet(options.data), options.spaces, options.questions);
  const documents = work.reduce((sum, space) => sum + space.documents.length, 0);
  const questions = work.reduce((sum, space) => sum + space.questions.length, 0);
  console.log(`${documents} memories in ${work.length} spaces, ${questions} questions, limit ${limit}.`);
  const setting = embedderSetting(options.embedder ?? builtin);
  const embedder = await openEmbedder(setting);
  const service = await startEmbeddingServer(embedder);
  const outcomes: PeerOutcome[] = [];
  try {
    for (const peer of chosenPeers(options.only)) {
      console.log(`${peer.title} …`);
      const outcome = await measurePeer(peer, {
        work,
        limit,
        singles,
        embeddingUrl: service.url,
        dimensions: embedder.model.dimensions,
        startCairn: () =>
          startServer({
            env: { CAIRN_EMBEDDER: setting },
            ...(options.checkout === null ? {} : { checkout: options.checkout }),
          }),
      });
      console.log(`  ${shortly(outcome)}`);
      outcomes.push(outcome);
    }
  } finally {
    await service.close();
    await embedder.close();
  }
  for (const line of showPeers(outcomes)) console.log(line);
  if (options.keep) {
    const set = basename(options.data).replace(/\.\w+$/, "");
    const title = `${documents.toLocaleString("en")} memories of ${set} in ${work.length} spaces, ${questions} questions, limit ${limit}`;
    writeResult({
      bench: "peers",
      name: setting === builtin ? "peers" : `peers-${basename(setting)}`,
      command: options.command,
      versions: { embedder: embedder.model.id },
      tables: peerTables(outcomes, title),
    });
  }
  return outcomes.every((outcome) => !("failed" in outcome));
};
