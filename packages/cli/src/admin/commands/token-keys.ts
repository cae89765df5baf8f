import { flagOf } from "../../command.ts";
import { adminCommand, say, type Verb } from "../shell.ts";

const rotate: Verb = async (shell) => {
  const { rotateTokenKeys } = await import("@cairn/operations/operations/tokens/rotate-keys");
  const revoke = flagOf(shell.given, "revoke");
  const made = await shell.call(rotateTokenKeys, { revoke });
  const line = revoke
    ? `The key ${made.id} signs now; every token from before is refused`
    : `The key ${made.id} signs tokens from ${made.signsFrom} on; those from before stay good until they end`;
  return say(shell, made, line);
};

export const tokenKeys = adminCommand({
  name: "token-keys",
  summary: "Replace the key that signs tokens",
  verbs: { rotate: { usage: "[--revoke]", run: rotate } },
  options: [{ name: "revoke", describe: "The key has leaked: it, and every token that it signed, end at once." }],
  notes: ["Servers exchange the key by themselves now and then; this is for when you want it done."],
});
