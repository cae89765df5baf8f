/** The part of the organisation page about who is invited; for its admins. */
import { announce, button, formOf, make, moveTo, part, timeOf } from "./dom.js";
import { call, wordsOf } from "./call.js";
import { confirmed } from "./confirm.js";
import { clear, onSubmit } from "./form.js";
import { roleNames } from "./own-organisations.js";

/**
 * @typedef {object} Invitation
 * @property {string} id
 * @property {string} email
 * @property {string} role
 * @property {string} state
 * @property {string} expires_at
 */

/** @param {string} organisation @param {Invitation} invitation */
const revoke = async (organisation, { id, email }) => {
  if (!(await confirmed(`Take back the invitation of ${email}?`, "The link in its mail stops working.", "Take back")))
    return;
  try {
    await call("DELETE", `/v1/invitations/${encodeURIComponent(id)}`, { organisation });
    await show(organisation);
    moveTo(part("invitations-title"));
    announce(`The invitation of ${email} is taken back.`);
  } catch (error) {
    announce(wordsOf(error));
  }
};

/** @param {string} organisation @param {Invitation} invitation */
const row = (organisation, invitation) => {
  const { email, role, expires_at: until } = invitation;
  const what = make("p", {}, email, make("span", { class: "badge" }, roleNames[role] ?? role));
  const about = make("p", { class: "about" }, "Until ", timeOf(until));
  const act = button("Take back", () => revoke(organisation, invitation), {
    "aria-label": `Take back the invitation of ${email}`,
  });
  return make("li", {}, make("div", { class: "what" }, what, about), make("div", { class: "acts" }, act));
};

/** Asks anew and shows those that are open. @param {string} organisation */
const show = async (organisation) => {
  /** @type {Invitation[]} */
  const open = [];
  let after = "";
  do {
    const path = `/v1/invitations?limit=200${after === "" ? "" : `&cursor=${encodeURIComponent(after)}`}`;
    const { invitations, cursor } = await call("GET", path, { organisation });
    open.push(...invitations.filter((/** @type {Invitation} */ { state }) => state === "open"));
    after = cursor ?? "";
  } while (after !== "");
  const none = make("li", { class: "empty" }, "Nobody is waiting to join.");
  part("invitations").replaceChildren(...(open.length === 0 ? [none] : open.map((one) => row(organisation, one))));
};

/** @param {string} organisation */
export const invitations = async (organisation) => {
  part("invitations-part").hidden = false;
  const form = formOf("invite");
  onSubmit(form, async ({ email, role }) => {
    await call("POST", "/v1/invitations", { body: { email: email?.trim(), role }, organisation });
    clear(form);
    await show(organisation);
    announce(`An invitation is on its way to ${email?.trim()}.`);
  });
  await show(organisation);
};
