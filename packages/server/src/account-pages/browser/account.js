import { announce, formOf, part } from "./dom.js";
import { post } from "./call.js";
import { clear, onSubmit } from "./form.js";
import { memberships } from "./memberships.js";
import { secondFactor } from "./second-factor.js";
import { listenToSessions, sessions } from "./sessions.js";
import { startInside } from "./start.js";

const notices = { welcome: "Welcome. Your account is ready.", joined: "You have joined the organisation." };

const sayNotice = () => {
  const text = new Map(Object.entries(notices)).get(new URLSearchParams(location.search).get("notice") ?? "") ?? "";
  part("notice").textContent = text;
  part("notice").hidden = text === "";
  if (location.search !== "") history.replaceState(null, "", location.pathname);
};

startInside(async (person) => {
  sayNotice();
  part("own-name").textContent = person.name;
  part("own-address").textContent = person.email;
  for (const field of document.querySelectorAll("[data-own-email]")) field.setAttribute("value", person.email);
  const password = formOf("change-password");
  password.hidden = !person.has_password;
  part("no-password").hidden = person.has_password;
  onSubmit(
    password,
    async ({ current_password: current, new_password: fresh }) => {
      await post("/auth/password/change", { current_password: current, new_password: fresh });
      clear(password);
      await sessions();
      announce("Your password is changed. You are signed out everywhere else.");
    },
    { "auth.invalid": "current_password: This is not your password." },
  );
  secondFactor(person);
  listenToSessions();
  await Promise.all([sessions(), memberships(person)]);
});
