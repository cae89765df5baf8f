/**
 * What a server remembers of the directory, so that not every call asks the database who calls and what it may use.
 * Each answer names the topics that it depends on (`spaces <id>`, `keys <id>`, `grants <space>`, …); whoever hears that
 * a topic changed forgets every answer that names it. That something is not there is not remembered. What was not asked
 * for longest is forgotten first.
 *
 * An answer may be on its way while somebody changes what it is about. Whatever makes earlier answers doubtful
 * (`forget`, `trust`) therefore starts a new generation: answers of an earlier one are still given to those who asked,
 * and neither remembered nor shared with those who ask from then on.
 */

export interface Known<Value> {
  readonly value: Value;
  readonly topics: readonly string[];
}

export interface TopicCache {
  /** The remembered answer, or what `ask` says; those who ask the same at once share one `ask`. */
  readonly remember: <Value>(key: string, ask: () => Promise<Known<Value> | null>) => Promise<Value | null>;
  /** What this topic is about was changed or removed. */
  readonly forget: (topic: string) => void;
  readonly forgetAll: () => void;
  /** Whether word comes of what others change. Everything is forgotten; without it nothing is remembered. */
  readonly trust: (trusted: boolean) => void;
  readonly size: () => number;
}

/** It trusts nothing until it is told to. `most`: how many answers are remembered. */
export const makeTopicCache = (most: number): TopicCache => {
  const answers = new Map<string, Known<unknown>>();
  const keysByTopic = new Map<string, Set<string>>();
  let asked = new Map<string, Promise<unknown>>();
  let generation = 0;
  let trusted = false;

  const drop = (key: string): void => {
    const known = answers.get(key);
    answers.delete(key);
    for (const topic of known?.topics ?? []) {
      const keys = keysByTopic.get(topic);
      keys?.delete(key);
      if (keys?.size === 0) keysByTopic.delete(topic);
    }
  };

  const keep = (key: string, known: Known<unknown>): void => {
    drop(key);
    answers.set(key, known);
    for (const topic of known.topics) {
      const keys = keysByTopic.get(topic);
      if (keys === undefined) keysByTopic.set(topic, new Set([key]));
      else keys.add(key);
    }
    if (answers.size <= most) return;
    const [oldest] = answers.keys();
    if (oldest !== undefined) drop(oldest);
  };

  const startAnew = (): void => {
    generation += 1;
    asked = new Map();
  };

  const forgetAll = (): void => {
    startAnew();
    answers.clear();
    keysByTopic.clear();
  };

  const askFor = async <Value>(
    key: string,
    since: number,
    ask: () => Promise<Known<Value> | null>,
  ): Promise<Value | null> => {
    const known = await ask();
    if (known !== null && trusted && since === generation) keep(key, known);
    return known?.value ?? null;
  };

  return {
    remember: async <Value>(key: string, ask: () => Promise<Known<Value> | null>): Promise<Value | null> => {
      const known = answers.get(key);
      if (known !== undefined) {
        answers.delete(key);
        answers.set(key, known);
        return known.value as Value;
      }
      const mine = asked;
      const under = mine.get(key);
      if (under !== undefined) return under as Promise<Value | null>;
      const answer = askFor(key, generation, ask);
      mine.set(key, answer);
      try {
        return await answer;
      } finally {
        mine.delete(key);
      }
    },
    forget: (topic) => {
      startAnew();
      for (const key of keysByTopic.get(topic) ?? []) drop(key);
    },
    forgetAll,
    trust: (now) => {
      trusted = now;
      forgetAll();
    },
    size: () => answers.size,
  };
};
