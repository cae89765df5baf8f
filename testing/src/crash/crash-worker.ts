/**
 * A process that writes to several spaces at once until it is killed. It says on its standard output, a JSON line at
 * a time, what the engine acknowledged, and before a correction what it is about to correct: of a correction under way
 * either text may stand afterwards. Every write has a note for the audit, by which its changes can be told
 * (`unnoted.ts`).
 *
 * Arguments: data folder or address of a database, a name of this writer, ids of spaces.
 */
import { writeSync } from "node:fs";
import { isMainThread } from "node:worker_threads";
import { newId } from "@cairn/kernel/id";
import { makeNote } from "../audit-note.ts";
import { alice, ingestInto, itemOf, memoryOf } from "../engine/world.ts";
import { meaningOf, textOf } from "./marked-text.ts";
import { openEngineAt } from "./open-engine.ts";
import { markedActor } from "./unnoted.ts";

export type Said =
  | { readonly said: "stored"; readonly space: string; readonly id: string; readonly word: string }
  | { readonly said: "correcting" | "corrected"; readonly space: string; readonly id: string }
  | { readonly said: "heard"; readonly space: string; readonly session: string; readonly word: string };

const say = (said: Said): void => void writeSync(1, `${JSON.stringify(said)}\n`);

const run = async (folder: string, writerName: string, spaces: readonly string[]): Promise<never> => {
  const engine = openEngineAt(folder, 2);
  let count = 0;
  const newWord = (): string => `q7${writerName}x${(count++).toString(36)}`;
  const own: { readonly space: string; readonly id: string }[] = [];
  const item = (word: string, id?: string) =>
    itemOf(textOf(word), {
      vectors: [meaningOf(word)],
      ...(id !== undefined && { imported: { id, onConflict: "skip" } }),
    });

  /** Of one writer, so that calls are stored together, by ids that their notes name; or of a writer of its own. */
  const remember = async (space: string, size: number, atomic: boolean, together = false): Promise<void> => {
    const words = Array.from({ length: size }, newWord);
    const ids = words.map(() => newId());
    const items = await Promise.all(words.map((word, at) => item(word, together ? ids[at] : undefined)));
    const actor = together ? { ...alice, note: makeNote({ subjects: ids }) } : markedActor();
    const outcomes = await engine.write(space, actor).remember(items, atomic);
    for (const [at, outcome] of outcomes.entries()) {
      const { id } = memoryOf(outcome);
      say({ said: "stored", space, id, word: words[at]! });
      own.push({ space, id });
    }
  };
  const correct = async (): Promise<void> => {
    const target = own.splice(Math.floor(Math.random() * own.length), 1)[0];
    if (target === undefined) return;
    const word = newWord();
    say({ said: "correcting", ...target });
    const fields = { content: textOf(word) };
    const { id } = await engine
      .write(target.space, markedActor())
      .correct({ originalId: target.id, fields, vectors: [meaningOf(word)] });
    say({ said: "corrected", ...target });
    say({ said: "stored", space: target.space, id, word });
    own.push({ space: target.space, id });
  };
  const talk = async (space: string): Promise<void> => {
    const session = `session-${writerName}`;
    const word = newWord();
    const message = { role: "user", content: textOf(word), at: Date.now() * 1_000 + count, timed: true };
    await ingestInto(engine, space, session, [message], markedActor());
    say({ said: "heard", space, session, word });
  };

  const write = async (lane: number): Promise<never> => {
    for (let turn = lane; ; turn++) {
      const space = spaces[turn % spaces.length]!;
      const dice = Math.random();
      if (dice < 0.45) await remember(space, 1, false, true);
      else if (dice < 0.55) await remember(space, 1, false);
      else if (dice < 0.65) await remember(space, 40, true);
      else if (dice < 0.75) await remember(space, 25, false);
      else if (dice < 0.9) await correct();
      // One lane talks, since a session has one writer at a time.
      else if (lane === 0) await talk(space);
    }
  };
  return Promise.race([0, 1, 2, 3].map(write));
};

const [folder, writerName, ...spaces] = process.argv.slice(2);
if (isMainThread && folder !== undefined && writerName !== undefined) await run(folder, writerName, spaces);
