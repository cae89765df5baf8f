import { alertPlace, choice, field } from "./fields.ts";
import type { Markup } from "./layout.ts";

const roles = [
  ["editor", "Editor: reads and writes"],
  ["viewer", "Viewer: reads"],
  ["admin", "Admin: manages everything"],
] as const;

export const organisation: Markup = {
  title: "Organisation",
  module: "organisation",
  inside: true,
  body: `
        <h1 id="title">Organisation</h1>
        <div id="organisation-choice"></div>
        <section aria-labelledby="members-title" class="card">
          <h2 id="members-title" tabindex="-1">Members</h2>
          <ul id="members" class="rows"></ul>
          <button type="button" class="quiet" id="more-members" hidden>Show more</button>
        </section>
        <section id="invitations-part" aria-labelledby="invitations-title" class="card" hidden>
          <h2 id="invitations-title" tabindex="-1">Invitations</h2>
          <ul id="invitations" class="rows"></ul>
          <h3>Invite someone</h3>
          <form id="invite" method="post">${field({
            id: "email",
            label: "Their e-mail address",
            type: "email",
            missing: "Type an e-mail address.",
            most: 254,
          })}${choice("role", "Role", roles)}${alertPlace}
            <button type="submit">Send the invitation</button>
          </form>
        </section>`,
};
