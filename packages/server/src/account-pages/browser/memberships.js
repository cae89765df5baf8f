/** The part of the account page about the organisations that its person belongs to. */
import { announce, button, make, moveTo, part } from "./dom.js";
import { call, wordsOf } from "./call.js";
import { confirmed } from "./confirm.js";
import { ownOrganisations, roleNames } from "./own-organisations.js";

/** @typedef {import("./start.js").Person} Person */
/** @typedef {import("./own-organisations.js").Organisation} Organisation */

/** @param {Person} person @param {Organisation} organisation */
const leave = async (person, { name, slug }) => {
  const consequence = "You lose access to its spaces, and keys that you made there stop working.";
  if (!(await confirmed(`Leave ${name}?`, consequence, "Leave"))) return;
  try {
    await call("POST", "/v1/members/leave", { body: {}, organisation: slug });
    await memberships(person);
    moveTo(part("memberships-title"));
    announce(`You have left ${name}.`);
  } catch (error) {
    announce(wordsOf(error));
  }
};

/** Asks anew and shows them. @param {Person} person */
export const memberships = async (person) => {
  const rows = (await ownOrganisations()).map((organisation) => {
    const { name, slug, role } = organisation;
    const link = make("a", { href: `/account/organisation?organisation=${slug}` }, name);
    const what = make("div", { class: "what" }, make("p", {}, link, ...badge(role)));
    const act = button("Leave", () => leave(person, organisation), { "aria-label": `Leave ${name}` });
    return make("li", {}, what, make("div", { class: "acts" }, act));
  });
  const none = make("li", { class: "empty" }, "You belong to no organisation yet.");
  part("memberships").replaceChildren(...(rows.length === 0 ? [none] : rows));
};

/** @param {string | null} role */
const badge = (role) => (role === null ? [] : [make("span", { class: "badge" }, roleNames[role] ?? role)]);
