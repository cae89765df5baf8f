/** Mail through an SMTP server, by nodemailer; loaded when the first mail is sent. */
import { createTransport } from "nodemailer";
import { MailRefused, type MailTransport } from "./mail.ts";

export interface SmtpOptions {
  /**
   * `smtp://user:password@host:587` (STARTTLS where the server offers it; `?tls=required` insists on it, and a password
   * is never sent without it except to this machine) or `smtps://…:465`.
   */
  readonly url: string;
  readonly from: string;
  /** For connecting, greeting and each answer, milliseconds. */
  readonly withinMs: number;
}

const isLoopback = (host: string): boolean => /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/u.test(host);

/** 5xx, RFC 5321 §4.2.1: permanent. Sign-in errors are mended by whoever set the server up, so they are tried again. */
const isFinal = (error: unknown): boolean =>
  error instanceof Error &&
  "responseCode" in error &&
  typeof error.responseCode === "number" &&
  error.responseCode >= 500 &&
  !("code" in error && error.code === "EAUTH");

export const smtpTransport = ({ url, from, withinMs }: SmtpOptions): MailTransport => {
  const { protocol, hostname, port, username, password, searchParams } = new URL(url);
  const secure = protocol === "smtps:";
  const host = hostname.replace(/^\[|\]$/gu, "");
  const hasPassword = username !== "";
  const transport = createTransport({
    host,
    port: port === "" ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !secure && (searchParams.get("tls") === "required" || (hasPassword && !isLoopback(host))),
    ...(hasPassword ? { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } } : {}),
    // On this machine nobody is in between, and certificates are whoever's.
    tls: { rejectUnauthorized: !isLoopback(host) },
    connectionTimeout: withinMs,
    greetingTimeout: withinMs,
    socketTimeout: withinMs,
    dnsTimeout: withinMs,
    // Nothing in a mail may make this server read a file or fetch an address.
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  });
  return {
    deliver: async ({ to, letter: { subject, text, html } }, signal) => {
      const { promise: aborted, reject } = Promise.withResolvers<never>();
      const onAbort = (): void => reject(Object.assign(new Error("It took too long."), { code: "ETIMEDOUT" }));
      signal.addEventListener("abort", onAbort, { once: true });
      try {
        await Promise.race([
          transport.sendMail({
            from,
            // As an object: no character of an address can be read as a second one.
            to: { name: "", address: to },
            subject,
            text,
            html,
            headers: { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" },
          }),
          aborted,
        ]);
      } catch (error) {
        if (isFinal(error)) throw new MailRefused("refused", { cause: error });
        throw error;
      } finally {
        signal.removeEventListener("abort", onAbort);
      }
    },
    close: () => transport.close(),
  };
};
