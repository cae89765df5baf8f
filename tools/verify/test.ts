/** `npm test`: every test there is; arguments go to Vitest, to run some. The last line counts them. */
import { tallyFailed, tallyLine } from "./tally.ts";
import { runTests } from "./run-tests.ts";

const tally = await runTests(process.argv.slice(2));
for (const trouble of tally.troubles) console.error(`✗ ${trouble}`);
process.exitCode = tallyFailed(tally) ? 1 : 0;
console.log(tallyLine(tally));
