/** The part of the account page about where its person is signed in. */
import { announce, button, byId, make, moveTo, part, timeOf } from "./dom.js";
import { call, post, wordsOf } from "./call.js";
import { deviceName } from "./device-name.js";

/**
 * @typedef {object} Session
 * @property {string} id
 * @property {boolean} current
 * @property {string} created_at
 * @property {string | null} address
 * @property {string | null} user_agent
 */

/** @param {() => Promise<unknown>} act @param {string} said */
const change = async (act, said) => {
  try {
    await act();
    await sessions();
    moveTo(part("sessions-title"));
    announce(said);
  } catch (error) {
    announce(wordsOf(error));
  }
};

/** @param {Session} session */
const row = ({ id, current, created_at: since, address, user_agent: agent }) => {
  const name = deviceName(agent);
  const what = make("p", {}, name, ...(current ? [make("span", { class: "badge" }, "this one")] : []));
  const about = make(
    "p",
    { class: "about" },
    "Since ",
    timeOf(since),
    ...(address === null ? [] : [`, from ${address}`]),
  );
  const end = () => change(() => post("/auth/sessions/revoke", { id }), `${name} is signed out.`);
  const acts = current ? [] : [button("Sign out", end, { "aria-label": `Sign out ${name}` })];
  return make("li", {}, make("div", { class: "what" }, what, about), make("div", { class: "acts" }, ...acts));
};

/** Asks anew and shows them. */
export const sessions = async () => {
  /** @type {{ sessions: readonly Session[] }} */
  const { sessions: all } = await call("GET", "/auth/sessions");
  const ordered = all.toSorted((one, other) => Number(other.current) - Number(one.current));
  part("sessions").replaceChildren(...ordered.map(row));
  byId("revoke-others", HTMLButtonElement).hidden = all.length < 2;
};

export const listenToSessions = () => {
  byId("revoke-others", HTMLButtonElement).addEventListener("click", () => {
    void change(() => post("/auth/sessions/revoke-others"), "You are signed out everywhere else.");
  });
};
