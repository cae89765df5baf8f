/** Routes of people's accounts, for who administers the server, and of the caller's own (TEN-1). */
import { disablePerson } from "@cairn/operations/operations/people/disable";
import { enablePerson } from "@cairn/operations/operations/people/enable";
import { getPerson } from "@cairn/operations/operations/people/get";
import { listPeople } from "@cairn/operations/operations/people/list";
import { readMe } from "@cairn/operations/operations/people/me";
import { removePerson } from "@cairn/operations/operations/people/remove";
import { resetSecondFactor } from "@cairn/operations/operations/people/reset-second-factor";
import { type Binding, bind } from "./binding.ts";

export const peopleBindings: readonly Binding[] = [
  bind("GET /v1/me", readMe),
  bind("GET /v1/people", listPeople),
  bind("GET /v1/people/{principal}", getPerson),
  bind("POST /v1/people/{principal}/disable", disablePerson),
  bind("POST /v1/people/{principal}/enable", enablePerson),
  bind("POST /v1/people/{principal}/reset-second-factor", resetSecondFactor),
  bind("DELETE /v1/people/{principal}", removePerson),
];
