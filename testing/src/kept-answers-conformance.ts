/**
 * What every `KeptAnswers` promises. Handles of one `setup` share what is kept, as servers on one database do; their
 * clock is the setup's.
 */
import type { KeptAnswers } from "@cairn/directory/kept-answers";
import { describe, expect, test } from "vitest";

export interface AnswersSetup extends AsyncDisposable {
  readonly open: () => KeptAnswers;
  /** So many keys of one principal are kept. */
  readonly perPrincipal: number;
  readonly pass: (milliseconds: number) => void;
}

const [leaseMs, keepMs] = [60_000, 86_400_000];
const claimOf = (id: string, owner: string, body = "body") => ({ id, principal: "p", body, owner, leaseMs });
const answerOf = (id: string, owner: string, answer: string | null, space: string | null = "space-a") => ({
  id,
  principal: "p",
  owner,
  space,
  answer,
  keepMs,
});

export const describeKeptAnswers = (name: string, setUp: () => Promise<AnswersSetup>): void => {
  describe(`kept answers: ${name}`, () => {
    const done = async (answers: KeptAnswers, id: string, answer: string | null, space: string | null = "space-a") => {
      expect(await answers.claim(claimOf(id, `owner ${id}`))).toEqual({ state: "claimed" });
      await answers.keep(answerOf(id, `owner ${id}`, answer, space));
    };

    test("API-3 of all who claim a key at once, one has it, and the others find its answer", async () => {
      await using setup = await setUp();
      const handles = [setup.open(), setup.open()] as const;
      const claims = await Promise.all(
        Array.from({ length: 20 }, (_, at) => handles[at % 2 === 0 ? 0 : 1].claim(claimOf("k", `owner ${at}`))),
      );
      const states = claims.map(({ state }) => state);
      expect(states.filter((state) => state === "claimed")).toHaveLength(1);
      expect(new Set(states)).toEqual(new Set(["claimed", "running"]));
      const winner = `owner ${states.indexOf("claimed")}`;
      await handles[0].keep(answerOf("k", winner, '{"text":"a\\u0000é"}'));
      expect(await handles[1].claim(claimOf("k", "later"))).toEqual({ state: "done", answer: '{"text":"a\\u0000é"}' });
    });

    test("API-3 a key that came with another body is a conflict, while it is worked on and when it is done", async () => {
      await using setup = await setUp();
      const answers = setup.open();
      await answers.claim(claimOf("k", "one"));
      expect(await answers.claim(claimOf("k", "two", "other"))).toEqual({ state: "conflict" });
      await answers.keep(answerOf("k", "one", "{}"));
      expect(await answers.claim(claimOf("k", "two", "other"))).toEqual({ state: "conflict" });
    });

    test("API-3 a claim of a server that died is anybody's when its lease is over, unless it was renewed", async () => {
      await using setup = await setUp();
      const answers = setup.open();
      await answers.claim(claimOf("k", "one"));
      setup.pass(leaseMs - 1);
      expect(await answers.claim(claimOf("k", "two"))).toEqual({ state: "running" });
      expect(await answers.renew("k", "one", leaseMs)).toBe(true);
      setup.pass(leaseMs - 1);
      expect(await answers.claim(claimOf("k", "two"))).toEqual({ state: "running" });
      setup.pass(1);
      expect(await answers.claim(claimOf("k", "two"))).toEqual({ state: "claimed" });
      // The first was only slow: what it says now is too late.
      expect(await answers.renew("k", "one", leaseMs)).toBe(false);
      await answers.keep(answerOf("k", "one", '"late"'));
      await answers.release("k", "one");
      expect(await answers.claim(claimOf("k", "three"))).toEqual({ state: "running" });
      await answers.keep(answerOf("k", "two", '"second"'));
      expect(await answers.claim(claimOf("k", "three"))).toEqual({ state: "done", answer: '"second"' });
    });

    test("API-3 a request that failed may be tried again at once", async () => {
      await using setup = await setUp();
      const answers = setup.open();
      await answers.claim(claimOf("k", "one"));
      await answers.release("k", "one");
      expect(await answers.claim(claimOf("k", "two", "other"))).toEqual({ state: "claimed" });
    });

    test("API-3 an answer is kept for its time; what has run out is deleted, and nothing else", async () => {
      await using setup = await setUp();
      const answers = setup.open();
      await done(answers, "first", '"a"');
      setup.pass(keepMs - 1);
      await done(answers, "second", '"b"');
      expect(await answers.prune()).toBe(0);
      expect(await answers.claim(claimOf("first", "x"))).toEqual({ state: "done", answer: '"a"' });
      setup.pass(1);
      expect(await answers.prune()).toBe(1);
      expect(await answers.claim(claimOf("first", "x"))).toEqual({ state: "claimed" });
      expect(await answers.claim(claimOf("second", "x"))).toEqual({ state: "done", answer: '"b"' });
    });

    test("MEM-3 what a space erases, its answers lose; the key stays used, and other answers stay", async () => {
      await using setup = await setUp();
      const [answers, other] = [setup.open(), setup.open()];
      await done(answers, "a", '"of a"');
      await done(answers, "b", '"of b"', "space-b");
      await done(answers, "plain", '"of none"', null);
      await other.forgetSpace("space-a");
      expect(await answers.claim(claimOf("a", "x"))).toEqual({ state: "done", answer: null });
      expect(await answers.claim(claimOf("b", "x"))).toEqual({ state: "done", answer: '"of b"' });
      expect(await answers.claim(claimOf("plain", "x"))).toEqual({ state: "done", answer: '"of none"' });
    });

    test("MEM-3 an answer that is on its way when its space erases something is not kept", async () => {
      await using setup = await setUp();
      const [answers, other] = [setup.open(), setup.open()];
      await answers.claim(claimOf("k", "one"));
      await answers.claim(claimOf("plain", "two"));
      await other.forgetSpace("space-a");
      await answers.keep(answerOf("k", "one", '"content"'));
      await answers.keep(answerOf("plain", "two", '"none"', null));
      expect(await answers.claim(claimOf("k", "x"))).toEqual({ state: "done", answer: null });
      expect(await answers.claim(claimOf("plain", "x"))).toEqual({ state: "done", answer: '"none"' });
      // What begins afterwards cannot hold it.
      await done(answers, "after", '"new"');
      expect(await answers.claim(claimOf("after", "x"))).toEqual({ state: "done", answer: '"new"' });
    });

    test("API-3 a principal keeps so many keys, the latest; others are not touched", async () => {
      await using setup = await setUp();
      const answers = setup.open();
      await answers.claim({ ...claimOf("of another", "o"), principal: "q" });
      await answers.keep({ ...answerOf("of another", "o", "{}"), principal: "q" });
      const count = 128;
      for (let at = 0; at < count; at++) {
        setup.pass(1);
        await done(answers, `k${at}`, "{}");
      }
      const states: string[] = [];
      for (let at = 0; at < count; at++) states.push((await answers.claim(claimOf(`k${at}`, "x"))).state);
      const kept = states.filter((state) => state === "done").length;
      expect(kept).toBeGreaterThanOrEqual(setup.perPrincipal);
      expect(kept).toBeLessThan(setup.perPrincipal + 64);
      expect(states.at(-1)).toBe("done");
      expect(await answers.claim({ ...claimOf("of another", "x"), principal: "q" })).toMatchObject({ state: "done" });
    });
  });
};
