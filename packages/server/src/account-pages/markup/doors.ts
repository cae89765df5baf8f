/** The pages before sign-in, apart from the sign-in itself. */
import { alertPlace, email, field, newPassword } from "./fields.ts";
import type { Markup } from "./layout.ts";

const backToSignIn = `<p class="below"><a href="/account/sign-in">Back to signing in</a></p>`;

const sent = (text: string): string => `
        <section id="sent" hidden>
          <h2 id="sent-title">Look into your mailbox</h2>
          <p>${text}</p>
          <p>Nothing there after a few minutes? Look among unwanted mail, or try again.</p>
        </section>`;

export const signUp: Markup = {
  title: "Make an account",
  module: "sign-up",
  inside: false,
  body: `
        <h1>Make an account</h1>
        <form id="sign-up" method="post">
          <p>We send you a mail with a link, so that we know that the address is yours. You choose a password after that.</p>${email("email")}${alertPlace}
          <button type="submit">Send the mail</button>
        </form>${sent(`A mail is on its way to <strong id="sent-to"></strong>. Follow its link to go on.`)}
        <section id="invited-only" hidden>
          <p>This server is for invited people. Ask an admin of your organisation for an invitation and follow the link in its mail.</p>
        </section>
        ${backToSignIn}`,
};

export const forgotPassword: Markup = {
  title: "Forgot your password",
  module: "forgot-password",
  inside: false,
  body: `
        <h1>Forgot your password?</h1>
        <form id="forgot" method="post">
          <p>Type your address, and we send you a link with which you choose a new one.</p>${email("email")}${alertPlace}
          <button type="submit">Send the link</button>
        </form>${sent(`If there is an account for <strong id="sent-to"></strong>, a mail with the link is on its way.`)}
        ${backToSignIn}`,
};

export const resetPassword: Markup = {
  title: "Choose a new password",
  module: "reset-password",
  inside: false,
  body: `
        <h1>Choose a new password</h1>
        <form id="reset" method="post">
          <p>You are signed out everywhere when it is changed.</p>${newPassword("password", "New password")}${alertPlace}
          <button type="submit">Change the password</button>
        </form>
        <section id="old-link" hidden>
          <h2 id="old-title">This link does not work any more</h2>
          <p>A link works once, and only for a short time.</p>
          <p><a href="/account/forgot-password">Send me a new link</a></p>
        </section>
        ${backToSignIn}`,
};

export const join: Markup = {
  title: "Join",
  module: "join",
  inside: false,
  body: `
        <h1 id="title">Make your account</h1>
        <p id="asked"></p>
        <form id="make-account" method="post" hidden>
          <div class="field">
            <label for="join-email">E-mail address</label>
            <input id="join-email" type="email" autocomplete="username" readonly>
          </div>${field({
            id: "name",
            label: "Your name",
            autocomplete: "name",
            hint: "As others in your organisation see it.",
            missing: "Type your name.",
            most: 100,
          })}${newPassword("password", "Password")}${alertPlace}
          <button type="submit">Make my account</button>
        </form>
        <form id="accept" method="post" hidden>${alertPlace}
          <button type="submit">Join</button>
        </form>
        <section id="sign-in-first" hidden>
          <p>There is an account for <strong data-invited></strong>. Sign in with it to go on.</p>
          <button type="button" id="to-sign-in">Sign in</button>
        </section>
        <section id="other-person" hidden>
          <p>This is for <strong data-invited></strong>, and you are signed in as <strong id="signed-in-as"></strong>.</p>
          <button type="button" id="sign-out-first">Sign out and go on</button>
        </section>
        <section id="old-link" hidden>
          <p>A link works once, and only for a short time. Ask whoever invited you for a new one, or sign in if you have an account already.</p>
          <p><a href="/account/sign-in">Sign in</a></p>
        </section>`,
};
