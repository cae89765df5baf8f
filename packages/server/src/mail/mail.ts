/**
 * Mail of accounts: links that prove an address, invitations. Sent behind the answer that asked for it and tried again
 * for a while, so that a slow or broken mail server neither delays an answer nor tells anything by its time.
 *
 * What waits to be sent stays in this process, not in the queue of jobs: mails hold tokens that open accounts, and those
 * are kept nowhere but in the mail itself. What a crash loses is asked for again. Where no server of mail is set, mails
 * are printed where the server was started, if a person started it; they never reach a log.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { MailSettings } from "../settings/mail-settings.ts";
import type { Letter } from "./letter.ts";

export interface OutgoingMail {
  /** An address as `normalEmail` leaves it. */
  readonly to: string;
  readonly letter: Letter;
}

/** Hands one mail to a server of mail. `final`: trying again will not help. */
export interface MailTransport {
  readonly deliver: (mail: OutgoingMail, signal: AbortSignal) => Promise<void>;
  readonly close: () => void;
}

/** Thrown by transports where the server refused the mail for good. */
export class MailRefused extends Error {}

export interface Mail {
  /** Returns at once; never throws. */
  readonly send: (mail: OutgoingMail) => void;
  readonly figures: () => { readonly waiting: number; readonly sent: number; readonly failed: number };
  /** Resolves when nothing waits any more. */
  readonly idle: () => Promise<void>;
  /** Waits for what is on its way, at most so long, milliseconds; the rest is given up. */
  readonly close: (patienceMs?: number) => Promise<void>;
}

export interface MailOptions {
  readonly settings: MailSettings;
  /** The terminal of a person who started the server; null: there is none. */
  readonly print: ((text: string) => void) | null;
  /** A line for the log; never holds an address or a token. */
  readonly warn: (line: string) => void;
  /** Waits between attempts, milliseconds. */
  readonly retriesMs?: readonly number[];
  /** How long one attempt may take, milliseconds. */
  readonly withinMs?: number;
}

const mostWaiting = 1_000;
const mostAtOnce = 4;
const defaultRetries = [1_000, 10_000, 60_000, 300_000, 900_000];

/** Why, without the words of a mail server, which like to repeat addresses. */
const reasonOf = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "no connection";

const printed = ({ to, letter }: OutgoingMail): string =>
  ["", `Mail to ${to}: ${letter.subject}`, ...letter.text.split("\n").map((line) => `  ${line}`), ""].join("\n");

const openTransport = async (url: string, from: string, withinMs: number): Promise<MailTransport> => {
  const { smtpTransport } = await import("./smtp-transport.ts");
  return smtpTransport({ url, from, withinMs });
};

export const openMail = ({
  settings,
  print,
  warn,
  retriesMs = defaultRetries,
  withinMs = 20_000,
}: MailOptions): Mail => {
  const ending = new AbortController();
  const underWay = new Set<Promise<void>>();
  const queue: (() => void)[] = [];
  let busy = 0;
  let sent = 0;
  let failed = 0;
  let transport: Promise<MailTransport> | undefined;

  /** A few at once, so that a slow server of mail is not run over. */
  const turn = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    if (busy >= mostAtOnce) await new Promise<void>((resolve) => queue.push(resolve));
    busy += 1;
    try {
      return await work();
    } finally {
      busy -= 1;
      queue.shift()?.();
    }
  };

  const attempt = async (url: string, mail: OutgoingMail): Promise<void> => {
    transport ??= openTransport(url, settings.from, withinMs);
    const { deliver } = await transport;
    await deliver(mail, AbortSignal.any([ending.signal, AbortSignal.timeout(withinMs)]));
  };

  const deliver = async (url: string, mail: OutgoingMail): Promise<void> => {
    for (const pause of [...retriesMs, null]) {
      try {
        await turn(() => attempt(url, mail));
        sent += 1;
        return;
      } catch (error) {
        const isLast = pause === null || error instanceof MailRefused || ending.signal.aborted;
        if (isLast) {
          failed += 1;
          warn(`A mail could not be sent (${error instanceof MailRefused ? "refused" : reasonOf(error)}).`);
          return;
        }
        await wait(pause, undefined, { signal: ending.signal, ref: false }).catch(() => undefined);
      }
    }
  };

  const idle = async (): Promise<void> => {
    while (underWay.size > 0) await Promise.allSettled(underWay);
  };

  return {
    send: (mail) => {
      if (ending.signal.aborted) return;
      if (settings.url === null) {
        if (print === null) warn("Mail is not configured, so a mail was not sent: set CAIRN_MAIL_URL.");
        else print(printed(mail));
        return;
      }
      if (underWay.size >= mostWaiting) {
        failed += 1;
        warn("A mail was given up: too many wait to be sent.");
        return;
      }
      const work = deliver(settings.url, mail).finally(() => underWay.delete(work));
      underWay.add(work);
    },
    figures: () => ({ waiting: underWay.size, sent, failed }),
    idle,
    close: async (patienceMs = 2_000) => {
      const stop = new AbortController();
      await Promise.race([idle(), wait(patienceMs, undefined, { signal: stop.signal }).catch(() => undefined)]);
      stop.abort();
      ending.abort();
      await idle();
      (await transport?.catch(() => undefined))?.close();
    },
  };
};
