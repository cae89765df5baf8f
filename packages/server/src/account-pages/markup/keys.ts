import { alertPlace, choice, field } from "./fields.ts";
import type { Markup } from "./layout.ts";

/** Scopes in the words of people; true: an agent needs it, "admin": only admins can give it. */
const scopes = [
  ["memories:read", "Read memories", true],
  ["memories:write", "Write memories", true],
  ["memories:delete", "Delete memories", true],
  ["spaces:read", "See spaces", true],
  ["embeddings:use", "Make embeddings", true],
  ["usage:read", "See usage", true],
  ["spaces:create", "Make spaces", false],
  ["spaces:manage", "Change and share spaces", false],
  ["keys:manage", "Manage keys", false],
  ["members:read", "See members", false],
  ["members:manage", "Manage members", "admin"],
  ["organisation:manage", "Change the organisation", "admin"],
  ["audit:read", "Read the audit log", "admin"],
] as const;

const tick = ([scope, text, given]: (typeof scopes)[number], at: number): string => `
            <p class="tick"${given === "admin" ? " data-admin" : ""}><input id="scope-${at}" name="scope" type="checkbox" value="${scope}"${given === true ? " checked" : ""}><label for="scope-${at}">${text} <code>${scope}</code></label></p>`;

export const keys: Markup = {
  title: "Keys",
  module: "keys",
  inside: true,
  body: `
        <h1>Keys</h1>
        <p>Agents and programs show a key to use your memory. Give each its own, so that you can take one back.</p>
        <div id="organisation-choice"></div>
        <section id="made" class="card" aria-labelledby="made-title" hidden>
          <h2 id="made-title">Your new key</h2>
          <p>Copy it now: it is not shown again.</p>
          <code id="made-key" class="once" tabindex="0" aria-labelledby="made-title"></code>
          <p class="row"><button type="button" id="copy-key">Copy</button><button type="button" class="quiet" id="key-kept">I have kept it</button></p>
        </section>
        <section aria-labelledby="keys-title" class="card">
          <h2 id="keys-title" tabindex="-1">Existing keys</h2>
          <ul id="keys" class="rows"></ul>
        </section>
        <section aria-labelledby="new-title" class="card">
          <h2 id="new-title">Make a key</h2>
          <form id="new-key" method="post">${field({
            id: "label",
            label: "What is it for?",
            hint: "Such as the name of the agent and the machine.",
            missing: "Say what it is for.",
            most: 100,
          })}${choice("space", "Space", [["", "All that I may use"]])}${choice("expires", "Works for", [
            ["90", "90 days"],
            ["30", "30 days"],
            ["365", "One year"],
            ["", "Until I revoke it"],
          ])}
          <fieldset>
            <legend>What it may do</legend>${scopes.map(tick).join("")}
            
          </fieldset>${alertPlace}
          <button type="submit">Make the key</button>
          </form>
        </section>`,
};
