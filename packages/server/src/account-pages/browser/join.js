/** Where the links of invitations and of sign-ups lead: the address is proven by it, the rest is said here. */
import { byId, formOf, moveTo, part, showOnly } from "./dom.js";
import { Problem, post, wordsOf } from "./call.js";
import { onSubmit } from "./form.js";
import { goTo, ready, signInPath, start, takeToken, waitingInvitation, whoIsHere } from "./start.js";

const given = takeToken();
const token = given ?? waitingInvitation.read();
const steps = {
  make: formOf("make-account"),
  accept: formOf("accept"),
  signIn: part("sign-in-first"),
  other: part("other-person"),
  old: part("old-link"),
};

/** @param {keyof typeof steps} name */
const step = (name) => {
  const { [name]: shown, ...hidden } = steps;
  showOnly(shown, ...Object.values(hidden));
};

const linkIsOld = () => {
  waitingInvitation.forget();
  part("title").textContent = "This link does not work any more";
  part("asked").hidden = true;
  step("old");
  moveTo(part("title"));
};

/** Runs what uses the link. @param {() => Promise<void>} act */
const withLink = async (act) => {
  try {
    await act();
  } catch (error) {
    if (error instanceof Problem && error.code === "auth.link_invalid") return linkIsOld();
    throw error;
  }
};

/** @type {Readonly<Record<string, string>>} */
const may = { admin: "an admin", editor: "an editor", viewer: "a viewer" };

/**
 * @typedef {object} Link
 * @property {"sign_up" | "invitation"} kind
 * @property {string} email
 * @property {{ id: string; name: string } | null} organisation
 * @property {string | null} role
 * @property {boolean} has_account
 */

/** @param {Link} link */
const describe = ({ email, organisation, role }) => {
  if (organisation !== null) {
    part("title").textContent = `Join ${organisation.name}`;
    const as = role === null ? "" : ` as ${may[role] ?? role}`;
    part("asked").textContent = `You are invited to join ${organisation.name}${as}.`;
    document.title = `Join ${organisation.name} · Cairn`;
  } else {
    part("asked").textContent = "Your address is confirmed. Two things are left.";
  }
  byId("join-email", HTMLInputElement).value = email;
  for (const place of document.querySelectorAll("[data-invited]")) place.textContent = email;
};

const signOutAndStay = async () => {
  if (token !== null) waitingInvitation.keep(token);
  await post("/auth/sign-out");
  location.reload();
};

onSubmit(
  steps.make,
  ({ name, password }) =>
    withLink(async () => {
      await post("/auth/join", { token, name: name?.trim(), password });
      waitingInvitation.forget();
      goTo("/account?notice=welcome");
    }),
  { "user.exists": "There is an account with this address already. Reload this page to sign in." },
);

onSubmit(steps.accept, () =>
  withLink(async () => {
    await post("/auth/invitation/accept", { token });
    waitingInvitation.forget();
    goTo("/account?notice=joined");
  }),
);

byId("to-sign-in", HTMLButtonElement).addEventListener("click", () => {
  if (token !== null) waitingInvitation.keep(token);
  goTo(signInPath("/account/join"));
});
byId("sign-out-first", HTMLButtonElement).addEventListener(
  "click",
  () =>
    void signOutAndStay().catch((/** @type {unknown} */ error) => {
      part("status").textContent = wordsOf(error);
    }),
);

start(async () => {
  if (token === null) {
    linkIsOld();
    return ready();
  }
  const person = await whoIsHere();
  await withLink(async () => {
    /** @type {Link} */
    const link = await post("/auth/join/link", { token });
    describe(link);
    const same = person?.email.toLowerCase() === link.email.toLowerCase();
    if (person !== null && !same) {
      part("signed-in-as").textContent = person.email;
      step("other");
    } else if (person !== null) step("accept");
    else if (link.has_account) step("signIn");
    else step("make");
  });
  ready();
});
