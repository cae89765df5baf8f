/** Deletes kept answers whose time is over (`@cairn/directory/kept-answers`): nobody is given them any more. */
import type { KeptAnswers } from "@cairn/directory/kept-answers";
import { defineJob, type JobType } from "@cairn/jobs/job-type";

const minute = 60_000;

export const answerJobs = (answers: Pick<KeptAnswers, "prune">): readonly JobType[] => [
  defineJob({
    name: "prune-answers",
    parse: () => null,
    schedule: { everyMs: 10 * minute, firstMs: 2 * minute, jitterMs: minute },
    retries: 1,
    run: async () => void (await answers.prune()),
  }),
];
