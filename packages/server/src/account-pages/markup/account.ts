import { alertPlace, currentPassword, field, newPassword } from "./fields.ts";
import type { Markup } from "./layout.ts";

const codeField = field({
  id: "code",
  label: "Code that the app shows",
  autocomplete: "one-time-code",
  missing: "Type the code of 6 digits.",
  most: 10,
  more: 'inputmode="numeric" pattern="\\s*(?:\\d\\s*){6}" data-pattern="The code has 6 digits."',
});

/** Tells a password manager whose password it is. */
const ownName = `<input type="text" autocomplete="username" data-own-email hidden readonly>`;

const twoFactor = `
        <section aria-labelledby="second-title" class="card">
          <h2 id="second-title" tabindex="-1">Second factor</h2>
          <p id="second-state"></p>
          <form id="second-on" method="post" hidden>${ownName}${currentPassword("second-password", "Your password")}${alertPlace}
            <button type="submit">Turn on</button>
          </form>
          <form id="second-confirm" method="post" hidden>
            <h3 id="scan-title">1. Add Cairn to your authenticator app</h3>
            <p>Scan this with the app, or type the key into it.</p>
            <div id="qr" class="qr"></div>
            <p class="secret"><span id="secret-label">Key:</span> <code id="secret" aria-labelledby="secret-label secret"></code></p>
            <h3>2. Type the code that it shows</h3>${codeField}${alertPlace}
            <p class="row"><button type="submit">Confirm</button><button type="button" class="quiet" id="second-cancel">Cancel</button></p>
          </form>
          <section id="backup-codes" aria-labelledby="backup-title" hidden>
            <h3 id="backup-title">Your backup codes</h3>
            <p>Each works once when you do not have the app. Keep them where you keep passwords: they are not shown again.</p>
            <ul id="backup-list" class="codes"></ul>
            <p class="row"><button type="button" class="quiet" id="copy-codes">Copy all</button><button type="button" id="codes-kept">I have kept them</button></p>
          </section>
          <form id="second-change" method="post" hidden>${ownName}${currentPassword("second-again", "Your password")}${alertPlace}
            <p class="row"><button type="submit" name="act" value="codes">Make new backup codes</button><button type="submit" name="act" value="off" class="danger">Turn off</button></p>
          </form>
        </section>`;

const password = `
        <section aria-labelledby="password-title" class="card">
          <h2 id="password-title">Password</h2>
          <p id="no-password" hidden>You sign in with a provider and have no password here.</p>
          <form id="change-password" method="post">
            ${ownName}${currentPassword("current", "Current password", "current_password")}${newPassword("fresh", "New password", "new_password")}${alertPlace}
            <button type="submit">Change password</button>
          </form>
        </section>`;

export const account: Markup = {
  title: "Account",
  module: "account",
  inside: true,
  body: `
        <h1>Account</h1>
        <p id="notice" class="note" role="status" hidden></p>
        <section aria-labelledby="person-title" class="card">
          <h2 id="person-title">You</h2>
          <dl>
            <div><dt>Name</dt><dd id="own-name"></dd></div>
            <div><dt>E-mail address</dt><dd id="own-address"></dd></div>
          </dl>
        </section>
        <section aria-labelledby="memberships-title" class="card">
          <h2 id="memberships-title" tabindex="-1">Organisations</h2>
          <ul id="memberships" class="rows"></ul>
        </section>
        <section aria-labelledby="sessions-title" class="card">
          <h2 id="sessions-title" tabindex="-1">Where you are signed in</h2>
          <ul id="sessions" class="rows"></ul>
          <button type="button" class="quiet" id="revoke-others">Sign out everywhere else</button>
        </section>${twoFactor}${password}`,
};
