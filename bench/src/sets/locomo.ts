/**
 * LoCoMo's JSON: long conversations in dated sessions, with questions whose `evidence` names turns. A conversation is
 * a space, a turn a memory. Ids are normalised (`D1:03` is `D1:3`), and questions without any valid evidence are left
 * out. Conversations 1 to 5 are the half that constants may be fitted on, the rest is the half that is reported.
 */
import { type EvalMemory, type EvalQuestion, type EvalSet, type EvalSpace, invalidAt } from "./set.ts";

interface Turn {
  readonly dia_id: string;
  readonly speaker: string;
  readonly text: string;
  readonly blip_caption?: string;
}

export interface LocomoSample {
  readonly sample_id: string;
  readonly conversation: Readonly<Record<string, unknown>>;
  readonly qa: readonly {
    readonly question: string;
    readonly evidence?: readonly string[];
    readonly category: number;
  }[];
}

const categories: Readonly<Record<number, string>> = {
  1: "multi-hop",
  2: "temporal",
  3: "open",
  4: "single-hop",
  5: "adversarial",
};
const devConversations = 5;

export const isLocomo = (given: unknown): given is readonly LocomoSample[] =>
  Array.isArray(given) &&
  given.length > 0 &&
  given.every((sample: unknown) => typeof sample === "object" && sample !== null && "conversation" in sample) &&
  given.every((sample: object) => "qa" in sample && Array.isArray(sample.qa));

/** "1:56 pm on 8 May, 2023" as RFC 3339, UTC. */
const timeOf = (text: string, place: string): string => {
  const found = /(\d+):(\d+) (am|pm) on (\d+) (\w+), (\d+)/.exec(text);
  const [, hour, minute, half, day, month, year] = found ?? [];
  const date = new Date(`${day} ${month} ${year} UTC`);
  if (found === null || Number.isNaN(date.getTime())) {
    throw invalidAt(place, "not one of LoCoMo's times", "It reads like 1:56 pm on 8 May, 2023.");
  }
  date.setUTCHours((Number(hour) % 12) + (half === "pm" ? 12 : 0), Number(minute));
  return date.toISOString();
};

const turnText = ({ text, blip_caption: caption }: Turn): string =>
  caption === undefined ? text : `${text} (shared image: ${caption})`;

const spaceOf = (sample: LocomoSample, index: number): EvalSpace => {
  const memories: EvalMemory[] = [];
  for (let session = 1; Array.isArray(sample.conversation[`session_${session}`]); session++) {
    const place = `conversation ${index + 1}, session ${session}`;
    const at = timeOf(String(sample.conversation[`session_${session}_date_time`]), place);
    for (const turn of sample.conversation[`session_${session}`] as readonly Turn[]) {
      memories.push({
        id: turn.dia_id,
        content: turnText(turn),
        author: turn.speaker,
        occurred_at: at,
        session_id: `session-${session}`,
      });
    }
  }
  const known = new Set(memories.map(({ id }) => id));
  const questions = sample.qa.map((qa, at): EvalQuestion => {
    const named = (qa.evidence ?? []).flatMap((text) =>
      [...text.matchAll(/D(\d+):(\d+)/g)].map((found) => `D${Number(found[1])}:${Number(found[2])}`),
    );
    return {
      id: `${sample.sample_id}/${at + 1}`,
      query: qa.question,
      gold: [...new Set(named)].filter((id) => known.has(id)),
      group: categories[qa.category] ?? "other",
      split: index < devConversations ? "dev" : "test",
    };
  });
  return { name: sample.sample_id, memories, questions: questions.filter(({ gold }) => gold.length > 0) };
};

export const locomoSet = (samples: readonly LocomoSample[]): EvalSet => {
  const spaces = samples.map(spaceOf);
  const asked = samples.reduce((sum, { qa }) => sum + qa.length, 0);
  const skipped = asked - spaces.reduce((sum, { questions }) => sum + questions.length, 0);
  return { spaces, notes: skipped === 0 ? [] : [`${skipped} questions without valid evidence are left out`] };
};
