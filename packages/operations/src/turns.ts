/**
 * Turn-taking within this process: calls about one thing run one after another, in the order they came. The turns
 * belong to an owner (an engine) and end with it.
 */
const queues = new WeakMap<object, Map<string, Promise<unknown>>>();

export const inTurn = async <T>(owner: object, key: string, work: () => Promise<T>): Promise<T> => {
  const queue = queues.get(owner) ?? new Map<string, Promise<unknown>>();
  queues.set(owner, queue);
  const before = queue.get(key) ?? Promise.resolve();
  const mine = before.then(work, work);
  queue.set(key, mine);
  try {
    return await mine;
  } finally {
    if (queue.get(key) === mine) queue.delete(key);
  }
};
