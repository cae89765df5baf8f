/** How every page begins and how one leads to the next. */
import { announce, byId, part } from "./dom.js";
import { call, post, wordsOf } from "./call.js";
import { passwordToggles } from "./form.js";
import { fromFragment, ownPath } from "./own-address.js";

/** @typedef {{ id: string; email: string; name: string; two_factor: boolean; has_password: boolean }} Person */

const invitationKey = "cairn.invitation";

/** @param {string} path */
export const goTo = (path) => location.replace(path);

/** Where to go after signing in. */
export const nextPath = () => ownPath(new URLSearchParams(location.search).get("next"), location.origin);

/** The address of the sign-in page that comes back here. @param {string} [next] */
export const signInPath = (next = `${location.pathname}${location.search}`) =>
  `/account/sign-in?next=${encodeURIComponent(next)}`;

/** The token of the link that was followed; it does not stay in the address bar or the history. */
export const takeToken = () => {
  const token = fromFragment(location.hash, "token");
  if (location.hash !== "") history.replaceState(null, "", `${location.pathname}${location.search}`);
  return token;
};

/** An invitation waits in this tab, and only there, while its person signs in. */
export const waitingInvitation = {
  keep: (/** @type {string} */ token) => sessionStorage.setItem(invitationKey, token),
  read: () => sessionStorage.getItem(invitationKey),
  forget: () => sessionStorage.removeItem(invitationKey),
};

/** Shows the page once it knows what to show. */
export const ready = () => {
  part("loading").hidden = true;
  part("page").hidden = false;
};

/** @param {unknown} error */
const broken = (error) => {
  const place = part("loading");
  place.setAttribute("role", "alert");
  place.textContent = wordsOf(error);
};

/** @returns {Promise<Person | null>} */
export const whoIsHere = async () => (await call("GET", "/auth/session")).person;

/** @param {() => Promise<void>} begin shows the page with `ready` */
export const start = (begin) => {
  // A page that comes back out of the browser's memory may show what its person has since left.
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  passwordToggles();
  void begin().catch(broken);
};

/** Pages for those who are signed in; others are sent to sign in. @param {(person: Person) => Promise<void>} begin */
export const startInside = (begin) =>
  start(async () => {
    const person = await whoIsHere();
    if (person === null) return goTo(signInPath());
    byId("sign-out", HTMLButtonElement).addEventListener("click", () => void signOut());
    await begin(person);
    ready();
  });

const signOut = async () => {
  try {
    await post("/auth/sign-out");
  } catch (error) {
    return announce(wordsOf(error));
  }
  waitingInvitation.forget();
  goTo("/account/sign-in?notice=signed_out");
};
