/** Runs one peer's driver over the work in a process of its own, and turns what it wrote into figures. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scoreAnswer } from "../metrics.ts";
import type { BenchServer } from "../server.ts";
import { mean, type Percentiles, percentiles } from "../statistics.ts";
import { installPeer, runProgram } from "./install.ts";
import type { Peer } from "./list.ts";
import type { WorkSpace } from "./work.ts";

export interface PeerFigures {
  readonly peer: Peer;
  readonly versions: Readonly<Record<string, string>>;
  /** In points. */
  readonly recall: number;
  readonly any: number;
  readonly all: number;
  /** Questions that nothing at all was answered to. */
  readonly empty: number;
  /** Milliseconds, embedding included, as are the others. */
  readonly write: Percentiles;
  readonly recallTime: Percentiles;
  readonly batchPerSecond: number;
  /** Of embedding one question through the shared service: part of every time above but FTS5's and Cairn's. */
  readonly embedding: Percentiles;
  readonly residentMb: number | null;
  readonly diskMb: number;
}

export type PeerOutcome = PeerFigures | { readonly peer: Peer; readonly failed: string };

export interface PeerJob {
  readonly work: readonly WorkSpace[];
  readonly limit: number;
  /** Memories of each conversation that are written one at a time. */
  readonly singles: number;
  readonly embeddingUrl: string;
  readonly dimensions: number;
  /** Starts a server for a driver that is Cairn's. */
  readonly startCairn: () => Promise<BenchServer>;
}

interface DriverOutput {
  readonly versions: Readonly<Record<string, string>>;
  readonly writes_ms: readonly number[];
  readonly batch_ms: number;
  readonly batch_texts: number;
  readonly embed_ms: readonly number[];
  readonly answers: readonly { readonly id: string; readonly found: readonly string[]; readonly ms: number }[];
  readonly resident_mb: number | null;
  readonly disk_mb: number;
}

const runWithin = 40 * 60_000;
const harness = join(import.meta.dirname, "../../peers/harness.py");

const figuresOf = (peer: Peer, output: DriverOutput, job: PeerJob): PeerFigures => {
  const questions = new Map(job.work.flatMap((space) => space.questions.map((one) => [one.id, one] as const)));
  const scores = output.answers.map(({ id, found }) => {
    const question = questions.get(id);
    if (question === undefined) throw new Error(`${peer.name} answered a question that was not asked.`);
    return scoreAnswer(found, question.gold, job.limit, question.grades);
  });
  return {
    peer,
    versions: output.versions,
    recall: 100 * mean(scores.map(({ recall }) => recall)),
    any: 100 * mean(scores.map(({ any }) => any)),
    all: 100 * mean(scores.map(({ all }) => all)),
    empty: output.answers.filter(({ found }) => found.length === 0).length,
    write: percentiles(output.writes_ms),
    recallTime: percentiles(output.answers.map(({ ms }) => ms)),
    batchPerSecond: output.batch_texts / (output.batch_ms / 1000),
    embedding: percentiles(output.embed_ms),
    residentMb: output.resident_mb,
    diskMb: output.disk_mb,
  };
};

const runDriver = async (peer: Peer, python: string, job: PeerJob, cairn: BenchServer | null): Promise<PeerOutcome> => {
  const folder = mkdtempSync(join(tmpdir(), `cairn-peer-${peer.name}-`));
  const jobFile = join(folder, "job.json");
  const out = join(folder, "out.json");
  try {
    const given = {
      driver: peer.driver,
      packages: peer.packages,
      folder: join(folder, "stores"),
      out,
      limit: job.limit,
      singles: job.singles,
      embedding_url: job.embeddingUrl,
      dimensions: job.dimensions,
      cairn_url: cairn?.url ?? null,
      cairn_process: cairn?.processId() ?? null,
      fields: peer.fields ?? false,
      spaces: job.work,
    };
    writeFileSync(jobFile, JSON.stringify(given));
    const { ok, lastLine } = await runProgram(python, [harness, jobFile], { within: runWithin, cwd: folder });
    if (!ok) return { peer, failed: `did not run: ${lastLine}` };
    const figures = figuresOf(peer, JSON.parse(readFileSync(out, "utf8")) as DriverOutput, job);
    return cairn === null ? figures : { ...figures, diskMb: cairn.diskMb() };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Never rejects: what could not be installed or run is an outcome as well, and is shown as loudly. */
export const measurePeer = async (peer: Peer, job: PeerJob): Promise<PeerOutcome> => {
  let cairn: BenchServer | null = null;
  try {
    const installed = await installPeer(peer);
    if ("failed" in installed) return { peer, failed: installed.failed };
    if (peer.driver === "cairn") cairn = await job.startCairn();
    return await runDriver(peer, installed.python, job, cairn);
  } catch (error) {
    return { peer, failed: error instanceof Error ? error.message : String(error) };
  } finally {
    await cairn?.stop();
  }
};
