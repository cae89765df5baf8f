/** Settings of mail: invitations, verifications of addresses, resets of passwords. */
import { z } from "zod";
import { text } from "./setting-types.ts";

export const mailShape = {
  mail_url: text("an address such as smtp://user:password@mail.example.com:587")
    .refine((given) => /^smtps?:\/\//u.test(given) && URL.canParse(given), "must begin with smtp:// or smtps://")
    .optional()
    .describe("The SMTP server that mail is sent through; without it, mail is printed where the server was started."),
  mail_from: text("an address such as Cairn <cairn@example.com>")
    .refine(
      (given) => /^[^\p{C}<>@]*<?[^\p{C}<>@\s]+@[^\p{C}<>@\s]+>?$/u.test(given),
      "must be one address, on one line",
    )
    .default("Cairn <cairn@localhost>")
    .describe("The sender of mail."),
} as const;

export const mailVariables = { mail_url: "CAIRN_MAIL_URL", mail_from: "CAIRN_MAIL_FROM" } as const;

/** Those that may lie in files (`…_FILE`). */
export const mailSecrets = ["mail_url"] as const;

export interface MailSettings {
  /** Null: printed. Holds a password. */
  readonly url: string | null;
  readonly from: string;
}

const shape = z.object(mailShape);
type Values = z.output<typeof shape>;

export const mailSettingsOf = (value: <Key extends keyof Values>(name: Key) => Values[Key]): MailSettings => ({
  url: value("mail_url") ?? null,
  from: value("mail_from"),
});
