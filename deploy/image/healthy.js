/** Ends with 0 where the server of this container answers `GET /healthz`, else with 1 and why. The image has no curl. */
import { get } from "node:http";

const listens = process.env["CAIRN_HOST"] || "127.0.0.1";
/** What listens everywhere answers here. */
const host = { "0.0.0.0": "127.0.0.1", "::": "::1", "[::]": "::1" }[listens] ?? listens;
const port = Number(process.env["CAIRN_PORT"] || 18_790);

/** @param {string} why */
const unhealthy = (why) => {
  process.stderr.write(`${why}\n`);
  process.exit(1);
};

get({ host: host.replace(/^\[|\]$/gu, ""), port, path: "/healthz", timeout: 4_000 }, (response) => {
  if (response.statusCode !== 200) unhealthy(`It answers with status ${response.statusCode}.`);
  response.resume();
})
  .on("timeout", () => unhealthy("It does not answer."))
  .on("error", (error) => unhealthy(`It cannot be reached: ${"code" in error ? error.code : error.name}.`));
