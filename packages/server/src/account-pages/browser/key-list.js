/** The keys that there are, each with what can be done to it. */
import { announce, button, make, moveTo, part, timeOf } from "./dom.js";
import { call, wordsOf } from "./call.js";
import { confirmed } from "./confirm.js";

/**
 * @typedef {object} Key
 * @property {string} id
 * @property {string} label
 * @property {"working" | "expired" | "revoked"} state
 * @property {string | null} owner
 * @property {string | null} space
 * @property {readonly string[]} scopes
 * @property {string} created_at
 * @property {string | null} expires_at
 * @property {string | null} last_used_at
 */

/**
 * @typedef {object} Where
 * @property {string} organisation
 * @property {string} self the principal of who looks
 * @property {ReadonlyMap<string, string>} spaces names by id
 * @property {ReadonlyMap<string, string>} people names by principal
 * @property {(key: string) => void} shown shows a new key, once
 */

/** @param {Where} where @param {() => Promise<string | null>} act what to say; null: nothing was done */
const change = async (where, act) => {
  try {
    const said = await act();
    if (said === null) return;
    await keyList(where);
    moveTo(part("keys-title"));
    announce(said);
  } catch (error) {
    announce(wordsOf(error));
  }
};

/** @param {Where} where @param {Key} key */
const revoke =
  ({ organisation }, { id, label }) =>
  async () => {
    if (!(await confirmed(`Revoke ${label}?`, "Whatever uses this key stops working at once.", "Revoke"))) return null;
    await call("DELETE", `/v1/auth/keys/${id}`, { organisation });
    return `${label} is revoked.`;
  };

/** @param {Where} where @param {Key} key */
const rotate =
  ({ organisation, shown }, { id, label }) =>
  async () => {
    const consequence = "You get a new key with the same rights; the old one works for one more day.";
    if (!(await confirmed(`Replace ${label}?`, consequence, "Replace"))) return null;
    const { key } = await call("POST", `/v1/auth/keys/${id}/rotate`, { body: {}, organisation });
    shown(key);
    return `${label} has a new key.`;
  };

/** @param {Where} where @param {Key} key */
const about = (where, { scopes, space, owner, created_at: made, expires_at: expires, last_used_at: used }) => [
  make(
    "p",
    { class: "about" },
    scopes.join(", "),
    ...(space === null ? [] : [`, only in ${where.spaces.get(space) ?? "one space"}`]),
    ...(owner === where.self
      ? []
      : [owner === null ? ", stands for itself" : `, of ${where.people.get(owner) ?? "somebody else"}`]),
  ),
  make(
    "p",
    { class: "about" },
    "Made ",
    timeOf(made, "date"),
    ...(expires === null ? [", no end"] : [", until ", timeOf(expires, "date")]),
    ...(used === null ? [", never used"] : [", last used ", timeOf(used)]),
  ),
];

/** @param {Where} where @param {Key} key */
const row = (where, key) => {
  const works = key.state === "working";
  const badges = works ? [] : [make("span", { class: "badge off" }, key.state)];
  const what = make("div", { class: "what" }, make("p", {}, key.label, ...badges), ...about(where, key));
  const acts = works
    ? [
        button("Replace", () => change(where, rotate(where, key)), { "aria-label": `Replace ${key.label}` }),
        button("Revoke", () => change(where, revoke(where, key)), {
          class: "danger",
          "aria-label": `Revoke ${key.label}`,
        }),
      ]
    : [];
  return make("li", {}, what, make("div", { class: "acts" }, ...acts));
};

/** Asks anew and shows them. @param {Where} where */
export const keyList = async (where) => {
  /** @type {{ keys: readonly Key[] }} */
  const { keys } = await call("GET", "/v1/auth/keys?limit=1000", { organisation: where.organisation });
  const none = make("li", { class: "empty" }, "None yet.");
  part("keys").replaceChildren(...(keys.length === 0 ? [none] : keys.map((key) => row(where, key))));
};
