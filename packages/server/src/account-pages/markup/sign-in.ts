import { alertPlace, currentPassword, email, field } from "./fields.ts";
import type { Markup } from "./layout.ts";

const startAgain = `<button type="button" class="link" data-start-again>Start again</button>`;

export const signIn: Markup = {
  title: "Sign in",
  module: "sign-in",
  inside: false,
  body: `
        <h1 id="title">Sign in</h1>
        <p id="reason" class="note" role="status" hidden></p>
        <form id="password-step" method="post">${email("email")}${currentPassword("password")}
          <p class="tick"><input id="remember" name="remember" type="checkbox" checked><label for="remember">Keep me signed in on this device</label></p>${alertPlace}
          <button type="submit">Sign in</button>
          <p><a href="/account/forgot-password">Forgot your password?</a></p>
        </form>
        <form id="code-step" method="post" hidden>
          <p>Open your authenticator app and type the code it shows for Cairn.</p>${field({
            id: "code",
            label: "Code",
            autocomplete: "one-time-code",
            missing: "Type the code of 6 digits.",
            most: 10,
            more: 'inputmode="numeric" pattern="\\s*(?:\\d\\s*){6}" data-pattern="The code has 6 digits."',
          })}${alertPlace}
          <button type="submit">Go on</button>
          <p class="ways"><button type="button" class="link" id="use-backup">Use a backup code</button>${startAgain}</p>
        </form>
        <form id="backup-step" method="post" hidden>
          <p>Type one of the backup codes that you kept when you turned on the second factor.</p>${field({
            id: "backup_code",
            label: "Backup code",
            missing: "Type one of your backup codes.",
            most: 40,
            more: 'autocapitalize="none" spellcheck="false"',
          })}${alertPlace}
          <button type="submit">Go on</button>
          <p class="ways"><button type="button" class="link" id="use-code">Use the app instead</button>${startAgain}</p>
        </form>
        <div id="other-ways">
          <section id="provider-offer" aria-label="Other ways to sign in" hidden>
            <p class="or">or</p>
            <div id="providers" class="providers"></div>
          </section>
          <p id="sign-up-offer" class="below" hidden>New here? <a href="/account/sign-up">Make an account</a></p>
        </div>`,
};
