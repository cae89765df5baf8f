/** Requests of random callers, made of samples and changed at random, for a while. */
import type { HttpAnswer } from "@cairn/testing/tenants/http-call";
import { credentialKinds, type MarkedTenant } from "@cairn/testing/tenants/marked-tenants";
import type { RunningServer } from "@cairn/testing/tenants/whole-server";
import fc from "fast-check";
import { type Made, makeAttempt } from "./attack.fixture.ts";
import { mutation } from "./mutations.fixture.ts";
import { samples } from "./samples.fixture.ts";

export interface RandomRequestsOptions {
  readonly running: RunningServer;
  /** They must never have kept anything under another's name, so that nothing of another may show. */
  readonly callers: readonly MarkedTenant[];
  readonly victims: readonly MarkedTenant[];
  /** Requests at a time. */
  readonly together: number;
  /** What of others shows in an answer. */
  readonly crossed: (answer: HttpAnswer, made: Made, own: MarkedTenant) => readonly string[];
}

/** `CAIRN_ISOLATION_SEED` makes the same ones again, `CAIRN_ISOLATION_FUZZ_MS` says for how long. */
const timeMs = Number(process.env["CAIRN_ISOLATION_FUZZ_MS"] ?? 10_000);
const seedGiven = process.env["CAIRN_ISOLATION_SEED"];

const number = fc.nat({ max: 1_000_000 });
const wrongRequest = fc.record({
  route: number,
  caller: number,
  victim: number,
  as: fc.constantFrom(...credentialKinds),
  own: fc.boolean(),
  picks: fc.array(number, { minLength: 12, maxLength: 12 }),
  mutations: fc.array(mutation, { minLength: 1, maxLength: 3 }),
});
type WrongRequest = typeof wrongRequest extends fc.Arbitrary<infer Value> ? Value : never;

/** Rejects with the request where an answer is 5xx or shows something of others. How often each status came. */
export const sendAtRandom = async ({
  running,
  callers,
  victims,
  together,
  crossed,
}: RandomRequestsOptions): Promise<{ readonly statuses: ReadonlyMap<number, number>; readonly seed: number }> => {
  const routes = Object.entries(samples);
  const statuses = new Map<number, number>();

  const sendOne = async ({ route, caller, victim, as, own, picks, mutations }: WrongRequest): Promise<void> => {
    const [name, sample] = routes[route % routes.length]!;
    const attacker = callers[caller % callers.length]!;
    // What ends something is tried on others alone, so that there are callers until the end.
    const triesOwn = sample.keeps !== undefined || (own && sample.last !== true);
    const ids = triesOwn ? attacker : victims[victim % victims.length]!;
    const everywhere = { route: name, sample, place: null, kind: null, variant: 0 };
    const made = makeAttempt(everywhere, attacker, ids, attacker.credentials[as], (id) => id);
    let next = 0;
    const pick = (of: number): number => (picks[next++ % picks.length] ?? 0) % of;
    const request = mutations.reduce((left, mutate) => mutate(left, pick), made.request);
    const answer = await running.send(request);
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    const headers = JSON.stringify({ ...request.headers, authorization: as });
    const what = `${request.method} ${request.path.slice(0, 300)} ${JSON.stringify(request.body)?.slice(0, 1_000)} ${headers}`;
    if (answer.status >= 500) throw new Error(`${what} answered ${answer.status}: ${answer.text.slice(0, 500)}`);
    const found = crossed(answer, { ...made, request }, attacker);
    if (found.length > 0) throw new Error(`${what} shows ${found.join(", ")}: ${answer.text.slice(0, 500)}`);
  };

  const seed = seedGiven === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(seedGiven);
  process.stdout.write(`random requests from the seed ${seed}\n`);
  const several = fc.array(wrongRequest, { minLength: together, maxLength: together });
  await fc.assert(
    fc.asyncProperty(several, async (given) => void (await Promise.all(given.map(sendOne)))),
    { seed, numRuns: 100_000, interruptAfterTimeLimit: timeMs, endOnFailure: true },
  );
  return { statuses, seed };
};
