import { formOf, moveTo, part, showOnly } from "./dom.js";
import { post } from "./call.js";
import { onSubmit } from "./form.js";
import { ready, start } from "./start.js";

const form = formOf("forgot");

onSubmit(form, async ({ email }) => {
  await post("/auth/password/forgot", { email: email?.trim() });
  part("sent-to").textContent = email?.trim() ?? "";
  showOnly(part("sent"), form);
  moveTo(part("sent-title"));
});

start(async () => ready());
