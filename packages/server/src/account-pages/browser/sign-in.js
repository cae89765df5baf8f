import { button, byId, formOf, moveTo, part, showOnly } from "./dom.js";
import { call, post, wordsOf } from "./call.js";
import { clear, onSubmit } from "./form.js";
import { goTo, nextPath, ready, start, whoIsHere } from "./start.js";

/** What another page, or the way back from a provider, has to say. */
const notices = {
  signed_out: "You are signed out.",
  password_changed: "Your password is changed. Sign in with the new one.",
};
const errors = {
  provider_refused: "The provider did not sign you in.",
  address_not_verified: "The provider has not verified your e-mail address, so it cannot be used here.",
  not_linked: "There is an account with your address already. Sign in with its password.",
  not_invited: "This server is for invited people. Follow the link in your invitation first.",
  expired: "That took too long. Try again.",
  failed: "Signing in did not work. Try again.",
};

const steps = { password: formOf("password-step"), code: formOf("code-step"), backup: formOf("backup-step") };
const others = part("other-ways");

/** @param {keyof typeof steps} name */
const step = (name) => {
  const { [name]: shown, ...hidden } = steps;
  showOnly(shown, ...Object.values(hidden));
  others.hidden = name !== "password";
  part("title").textContent = name === "password" ? "Sign in" : "One more step";
  const first = shown.querySelector("input");
  if (first !== null) moveTo(first);
};

const startAgain = () => {
  for (const form of Object.values(steps)) clear(form);
  step("password");
};

const sayReason = () => {
  const asked = new URLSearchParams(location.search);
  const error = new Map(Object.entries(errors)).get(asked.get("error") ?? "");
  const notice = new Map(Object.entries(notices)).get(asked.get("notice") ?? "");
  const place = part("reason");
  if (error !== undefined) place.classList.add("bad");
  place.textContent = error ?? notice ?? "";
  place.hidden = place.textContent === "";
};

/** @param {{ sign_up: string; providers: readonly { id: string; name: string }[] }} options */
const offer = ({ sign_up: signUp, providers }) => {
  part("sign-up-offer").hidden = signUp !== "open";
  part("providers").replaceChildren(
    ...providers.map(({ id, name }) =>
      button(`Continue with ${name}`, async () => {
        try {
          const { url } = await post("/auth/sign-in/provider", { provider: id, to: nextPath() });
          location.assign(url);
        } catch (error) {
          const place = part("reason");
          place.classList.add("bad");
          place.textContent = wordsOf(error);
          place.hidden = false;
        }
      }),
    ),
  );
  part("provider-offer").hidden = providers.length === 0;
};

onSubmit(
  steps.password,
  async ({ email, password, remember }) => {
    const answer = await post("/auth/sign-in", { email: email?.trim(), password, remember: remember === "on" });
    if (answer.second_factor === undefined) return goTo(nextPath());
    step("code");
  },
  { "auth.invalid": "This address and this password do not belong together. Check both." },
);

const wrongCode = "This code is not right, was used already, or came too late. Try the next one, or start again.";
onSubmit(
  steps.code,
  async ({ code }) => {
    await post("/auth/second-factor", { code: code?.replace(/\s/gu, "") });
    goTo(nextPath());
  },
  { "auth.invalid": `code: ${wrongCode}` },
);
onSubmit(
  steps.backup,
  async ({ backup_code: code }) => {
    await post("/auth/second-factor", { backup_code: code?.trim() });
    goTo(nextPath());
  },
  { "auth.invalid": "backup_code: This backup code is not right or was used already. Each works once." },
);

byId("use-backup", HTMLButtonElement).addEventListener("click", () => step("backup"));
byId("use-code", HTMLButtonElement).addEventListener("click", () => step("code"));
for (const one of document.querySelectorAll("[data-start-again]")) one.addEventListener("click", startAgain);

start(async () => {
  if ((await whoIsHere()) !== null) return goTo(nextPath());
  offer(await call("GET", "/auth/options"));
  ready();
  step("password");
  sayReason();
});
