/** Time as the remote embedder sees it; a parameter, so that tests need not wait. */
export interface Timing {
  /** Milliseconds that only go forward. */
  readonly now: () => number;
  /** Milliseconds since 1970. */
  readonly wall: () => number;
  /** Resolves after that many milliseconds, or as soon as the signal aborts. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  /** 0 to 1, as `Math.random`. */
  readonly random: () => number;
}

const sleep: Timing["sleep"] = (milliseconds, signal) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  const stop = (): void => {
    clearTimeout(timer);
    resolve();
  };
  if (signal?.aborted === true) stop();
  signal?.addEventListener("abort", stop, { once: true });
  return promise.finally(() => signal?.removeEventListener("abort", stop));
};

export const realTiming: Timing = {
  now: () => performance.now(),
  wall: () => Date.now(),
  sleep,
  random: () => Math.random(),
};
