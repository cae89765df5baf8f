import { formOf, moveTo, part, showOnly } from "./dom.js";
import { Problem, post } from "./call.js";
import { onSubmit } from "./form.js";
import { goTo, ready, start, takeToken } from "./start.js";

const form = formOf("reset");
const token = takeToken();

const linkIsOld = () => {
  showOnly(part("old-link"), form);
  moveTo(part("old-title"));
};

onSubmit(form, async ({ password }) => {
  try {
    await post("/auth/password/reset", { token, password });
  } catch (error) {
    if (error instanceof Problem && error.code === "auth.link_invalid") return linkIsOld();
    throw error;
  }
  goTo("/account/sign-in?notice=password_changed");
});

start(async () => {
  ready();
  if (token === null) linkIsOld();
});
