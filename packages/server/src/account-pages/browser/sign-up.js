import { formOf, moveTo, part, showOnly } from "./dom.js";
import { call, post } from "./call.js";
import { onSubmit } from "./form.js";
import { ready, start } from "./start.js";

const form = formOf("sign-up");

onSubmit(form, async ({ email }) => {
  await post("/auth/sign-up", { email: email?.trim() });
  part("sent-to").textContent = email?.trim() ?? "";
  showOnly(part("sent"), form);
  moveTo(part("sent-title"));
});

start(async () => {
  const { sign_up: signUp } = await call("GET", "/auth/options");
  if (signUp !== "open") showOnly(part("invited-only"), form);
  ready();
});
