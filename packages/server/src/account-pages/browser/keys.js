import { byId, formOf, make, moveTo, part } from "./dom.js";
import { call, Problem } from "./call.js";
import { copy } from "./copy.js";
import { clear, onSubmit } from "./form.js";
import { keyList } from "./key-list.js";
import { chosenOrganisation } from "./own-organisations.js";
import { startInside } from "./start.js";

const daySeconds = 86_400;

/** @param {string} key */
const showMade = (key) => {
  part("made-key").textContent = key;
  part("made").hidden = false;
  moveTo(part("made-title"));
};

const forgetMade = () => {
  part("made-key").textContent = "";
  part("made").hidden = true;
  moveTo(part("keys-title"));
};

/** @param {HTMLFormElement} form */
const scopesOf = (form) => new FormData(form).getAll("scope");

/** @typedef {import("./own-organisations.js").Organisation} Organisation */

/**
 * The names of spaces by id, and of whom keys can belong to by principal.
 * @param {Organisation} organisation
 * @returns {Promise<{ readonly spaces: ReadonlyMap<string, string>; readonly people: ReadonlyMap<string, string> }>}
 */
const namesIn = async ({ slug, role }) => {
  const ask = (/** @type {string} */ path) => call("GET", path, { organisation: slug });
  const [{ spaces }, { members }] = await Promise.all([
    ask("/v1/spaces"),
    role === "admin" ? ask("/v1/members?limit=200") : { members: [] },
  ]);
  return {
    spaces: new Map(spaces.map((/** @type {{ id: string; name: string }} */ { id, name }) => [id, name])),
    people: new Map(
      members.map((/** @type {{ principal: string; name: string | null; email: string | null }} */ member) => [
        member.principal,
        member.name ?? member.email ?? member.principal,
      ]),
    ),
  };
};

startInside(async (person) => {
  const chosen = await chosenOrganisation();
  if (chosen === null) {
    for (const card of document.querySelectorAll(".card")) card.remove();
    return;
  }
  const organisation = chosen.slug;
  const { spaces, people } = await namesIn(chosen);
  const where = { organisation, self: `user:${person.id}`, spaces, people, shown: showMade };
  const form = formOf("new-key");
  part("space").append(...Array.from(spaces, ([id, name]) => make("option", { value: id }, `Only ${name}`)));
  for (const tick of form.querySelectorAll("[data-admin]")) if (chosen.role !== "admin") tick.remove();
  onSubmit(form, async ({ label, space, expires }) => {
    const scopes = scopesOf(form);
    if (scopes.length === 0) throw new Problem("request.invalid", "Tick at least one thing that the key may do.");
    const days = Number(expires);
    const { key } = await call("POST", "/v1/auth/keys", {
      organisation,
      body: {
        label: label?.trim(),
        scopes,
        ...(space === "" ? {} : { space }),
        ...(days === 0 ? {} : { expires_in: days * daySeconds }),
      },
    });
    clear(form);
    await keyList(where);
    showMade(key);
  });
  byId("copy-key", HTMLButtonElement).addEventListener("click", () => {
    void copy(part("made-key").textContent ?? "", part("made-key"));
  });
  byId("key-kept", HTMLButtonElement).addEventListener("click", forgetMade);
  await keyList(where);
});
