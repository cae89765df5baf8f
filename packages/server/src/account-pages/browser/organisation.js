import { announce, button, byId, make, moveTo, part, timeOf } from "./dom.js";
import { call, wordsOf } from "./call.js";
import { confirmed } from "./confirm.js";
import { invitations } from "./invitations.js";
import { chosenOrganisation, roleNames } from "./own-organisations.js";
import { startInside } from "./start.js";

/**
 * @typedef {object} Member
 * @property {string} principal
 * @property {string} role
 * @property {string | null} name
 * @property {string | null} email
 * @property {string} created_at
 */

/** @typedef {{ organisation: string; self: string; manages: boolean }} Where */

/** @param {Where} where @param {() => Promise<unknown>} act @param {string} said */
const change = async (where, act, said) => {
  try {
    await act();
    announce(said);
  } catch (error) {
    announce(wordsOf(error));
  }
  await members(where);
  moveTo(part("members-title"));
};

/** @param {Member} member */
const nameOf = ({ name, email, principal }) => name ?? email ?? principal;

/** @param {Where} where @param {Member} member */
const manage = (where, member) => {
  const { organisation } = where;
  const path = `/v1/members/${encodeURIComponent(member.principal)}`;
  const name = nameOf(member);
  const options = Object.entries(roleNames).map(([value, text]) =>
    make("option", { value, selected: value === member.role }, text),
  );
  const select = make("select", { "aria-label": `Role of ${name}` }, ...options);
  // Nothing is changed by looking through the roles with the keyboard.
  const save = button(
    "Save",
    async () => {
      const role = select instanceof HTMLSelectElement ? select.value : member.role;
      await change(where, () => call("PATCH", path, { body: { role }, organisation }), `${name} has another role.`);
    },
    { class: "save", "aria-label": `Save the role of ${name}` },
  );
  save.hidden = true;
  select.addEventListener("change", () => {
    save.hidden = select instanceof HTMLSelectElement && select.value === member.role;
  });
  const remove = async () => {
    const consequence = "They lose access at once, and their keys stop working. What they wrote stays.";
    if (!(await confirmed(`Remove ${name}?`, consequence, "Remove"))) return;
    await change(where, () => call("DELETE", path, { organisation }), `${name} is removed.`);
  };
  return [select, save, button("Remove", remove, { class: "danger", "aria-label": `Remove ${name}` })];
};

/** @param {Where} where @param {Member} member */
const row = (where, member) => {
  const isSelf = member.principal === where.self;
  const manages = where.manages && !isSelf;
  const badges = [...(isSelf ? ["you"] : []), ...(manages ? [] : [roleNames[member.role] ?? member.role])].map((text) =>
    make("span", { class: "badge" }, text),
  );
  const mail = member.name === null || member.email === null ? [] : [`${member.email}, `];
  const about = make("p", { class: "about" }, ...mail, "since ", timeOf(member.created_at, "date"));
  const what = make("div", { class: "what" }, make("p", {}, nameOf(member), ...badges), about);
  return make("li", {}, what, make("div", { class: "acts" }, ...(manages ? manage(where, member) : [])));
};

/** The next page of them behind those that are shown. @param {Where} where @param {string | null} after */
const showMore = async (where, after) => {
  const path = `/v1/members?limit=50${after === null ? "" : `&cursor=${encodeURIComponent(after)}`}`;
  const { members: page, cursor } = await call("GET", path, { organisation: where.organisation });
  part("members").append(...page.map((/** @type {Member} */ one) => row(where, one)));
  const more = byId("more-members", HTMLButtonElement);
  more.hidden = cursor === null;
  more.onclick = () => void showMore(where, cursor).catch((/** @type {unknown} */ error) => announce(wordsOf(error)));
};

/** Asks anew and shows them. @param {Where} where */
const members = async (where) => {
  part("members").replaceChildren();
  await showMore(where, null);
};

startInside(async (person) => {
  const chosen = await chosenOrganisation();
  if (chosen === null) {
    for (const card of document.querySelectorAll(".card")) card.remove();
    return;
  }
  part("title").textContent = chosen.name;
  document.title = `${chosen.name} · Cairn`;
  const manages = chosen.role === "admin";
  const where = { organisation: chosen.slug, self: `user:${person.id}`, manages };
  await Promise.all([members(where), ...(manages ? [invitations(chosen.slug)] : [])]);
});
