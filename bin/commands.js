/**
 * @typedef {object} Command
 * @property {string} entry file to run, from the root of the repository
 * @property {readonly string[]} args put before what the user typed
 * @property {boolean} development whether it needs devDependencies
 * @property {string} help
 */

/** @type {ReadonlyMap<string, Command>} */
export const commands = new Map([
  ["serve", { entry: "packages/cli/src/main.ts", args: ["serve"], development: false, help: "run the memory server" }],
  ["cairn", { entry: "packages/cli/src/main.ts", args: [], development: false, help: "any cairn command" }],
  ["test", { entry: "tools/verify/test.ts", args: [], development: true, help: "run the tests" }],
  ["verify", { entry: "tools/verify/verify.ts", args: [], development: true, help: "format, lint, types, tests" }],
  ["pack", { entry: "tools/release/pack.ts", args: [], development: true, help: "make the npm package in dist/" }],
  ["bench", { entry: "bench/src/main.ts", args: [], development: true, help: "measure recall, speed and scale" }],
  ["soak", { entry: "testing/src/soak.ts", args: [], development: true, help: "load, crash and restart for long" }],
  ["fuzz", { entry: "testing/src/fuzz.ts", args: [], development: true, help: "throw bad input at every edge" }],
]);

/** @param {string} name the command that was not understood, or nothing */
export const usage = (name) =>
  [
    ...(name === "" ? [] : [`There is no command \`${name}\`.`]),
    "Usage: node bin/launch.js <command> [arguments]",
    ...Array.from(commands, ([command, { help }]) => `  ${command.padEnd(8)}${help}`),
  ].join("\n");
