/** The part of the account page about the second factor: on, off, new backup codes. */
import { announce, byId, formOf, make, moveTo, part, showOnly } from "./dom.js";
import { post } from "./call.js";
import { confirmed } from "./confirm.js";
import { copy } from "./copy.js";
import { clear, onSubmit } from "./form.js";
import { qrPicture } from "./qr-picture.js";

/** @typedef {import("./start.js").Person} Person */

const steps = {
  on: formOf("second-on"),
  confirm: formOf("second-confirm"),
  codes: part("backup-codes"),
  change: formOf("second-change"),
};
/** @type {readonly string[]} */
let backupCodes = [];

/** @param {keyof typeof steps} name */
const step = (name) => {
  for (const form of [steps.on, steps.confirm, steps.change]) clear(form);
  const { [name]: shown, ...hidden } = steps;
  showOnly(shown, ...Object.values(hidden));
};

/** @param {boolean} on */
const showState = (on) => {
  part("second-state").textContent = on
    ? "On: signing in asks for a code of your authenticator app."
    : "Off. With it on, whoever learns your password still cannot sign in without your phone.";
  step(on ? "change" : "on");
};

const forget = () => {
  backupCodes = [];
  part("backup-list").replaceChildren();
  part("qr").replaceChildren();
  part("secret").textContent = "";
};

const showCodes = () => {
  part("backup-list").replaceChildren(...backupCodes.map((code) => make("li", {}, make("code", {}, code))));
  step("codes");
  moveTo(part("second-title"));
};

const wrongPassword = { "auth.invalid": "password: This is not your password." };

const listen = () => {
  onSubmit(
    steps.on,
    async ({ password }) => {
      const { uri, secret, backup_codes: codes } = await post("/auth/second-factor/enable", { password });
      backupCodes = codes;
      const picture = qrPicture(uri, "QR code that adds Cairn to an authenticator app");
      part("qr").replaceChildren(...(picture === null ? [] : [picture]));
      part("secret").textContent = secret.match(/.{1,4}/gu).join(" ");
      step("confirm");
      moveTo(part("scan-title"));
    },
    wrongPassword,
  );
  onSubmit(
    steps.confirm,
    async ({ code }) => {
      await post("/auth/second-factor/confirm", { code: code?.replace(/\s/gu, "") });
      part("second-state").textContent = "On. One thing is left: keep your backup codes.";
      part("qr").replaceChildren();
      part("secret").textContent = "";
      showCodes();
    },
    { "auth.invalid": "code: This code is not right. Type the one that the app shows now." },
  );
  onSubmit(
    steps.change,
    async ({ password, act }) => {
      if (act === "codes") {
        backupCodes = (await post("/auth/second-factor/backup-codes", { password })).backup_codes;
        return showCodes();
      }
      const question = "Turn off the second factor?";
      if (!(await confirmed(question, "Your password alone is enough to sign in then.", "Turn off"))) return;
      await post("/auth/second-factor/disable", { password });
      showState(false);
      moveTo(part("second-title"));
      announce("The second factor is off.");
    },
    wrongPassword,
  );
  byId("copy-codes", HTMLButtonElement).addEventListener("click", () => {
    void copy(backupCodes.join("\n"), part("backup-list"));
  });
  byId("codes-kept", HTMLButtonElement).addEventListener("click", () => {
    forget();
    showState(true);
    moveTo(part("second-title"));
  });
  byId("second-cancel", HTMLButtonElement).addEventListener("click", () => {
    forget();
    showState(false);
    moveTo(part("second-title"));
  });
};

/** @param {Person} person */
export const secondFactor = (person) => {
  if (!person.has_password) {
    part("second-state").textContent = "You sign in with a provider. Turn on a second factor there.";
    return;
  }
  listen();
  showState(person.two_factor);
};
