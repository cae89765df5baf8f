import { makeMemoryKeptAnswers } from "./memory-kept-answers.ts";
import { describeKeptAnswers } from "@cairn/testing/kept-answers-conformance";

describeKeptAnswers("in one process", async () => {
  let now = 1_000_000;
  const perPrincipal = 20;
  const answers = makeMemoryKeptAnswers({ clock: () => now, perPrincipal });
  return {
    open: () => answers,
    perPrincipal,
    pass: (milliseconds) => void (now += milliseconds),
    [Symbol.asyncDispose]: () => answers.close(),
  };
});
