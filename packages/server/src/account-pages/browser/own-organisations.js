/** The organisations that a person belongs to, and which of them a page is about. */
import { make, part } from "./dom.js";
import { call } from "./call.js";

/** @typedef {{ id: string; slug: string; name: string; role: string | null }} Organisation */

/** @returns {Promise<readonly Organisation[]>} */
export const ownOrganisations = async () => (await call("GET", "/v1/organisations")).organisations;

/** What a role is called. @type {Readonly<Record<string, string>>} */
export const roleNames = { admin: "Admin", editor: "Editor", viewer: "Viewer" };

/** @param {readonly Organisation[]} all @param {Organisation} chosen */
const showChoice = (all, chosen) => {
  const label = make("label", { for: "organisation" }, "Organisation");
  const options = all.map(({ slug, name }) => make("option", { value: slug, selected: slug === chosen.slug }, name));
  const select = make("select", { id: "organisation", name: "organisation" }, ...options);
  const row = make("div", { class: "field beside" }, select, make("button", { class: "quiet" }, "Show"));
  part("organisation-choice").replaceChildren(make("form", { method: "get" }, label, row));
};

/**
 * The organisation that the address names, or the first; the page offers the others. Null: there is none.
 * @returns {Promise<Organisation | null>}
 */
export const chosenOrganisation = async () => {
  const all = await ownOrganisations();
  const asked = new URLSearchParams(location.search).get("organisation");
  const chosen = all.find(({ slug }) => slug === asked) ?? all[0];
  if (chosen === undefined) {
    const text = "You belong to no organisation. Ask an admin of yours for an invitation.";
    part("organisation-choice").replaceChildren(make("p", { class: "note" }, text));
    return null;
  }
  if (all.length > 1) showChoice(all, chosen);
  return chosen;
};
