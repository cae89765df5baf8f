import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { describe, expect, test } from "vitest";
import { invitationLetter, joinLetter, type Letter, resetLetter } from "./letter.ts";
import { openMail, type MailOptions } from "./mail.ts";

interface Received {
  readonly from: string;
  readonly to: readonly string[];
  readonly source: string;
  readonly secure: boolean;
  readonly user: string | undefined;
}

const smtpServer = async (options: SMTPServerOptions = {}) => {
  const received: Received[] = [];
  const server = new SMTPServer({
    authOptional: true,
    logger: false,
    onAuth: ({ username, password }, _session, done) =>
      password === "s:ecret" ? done(null, { user: username ?? "" }) : done(new Error("Invalid username or password")),
    onData: (stream, session, done) => {
      const parts: Buffer[] = [];
      stream.on("data", (part: Buffer) => parts.push(part));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom === false ? "" : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          source: Buffer.concat(parts).toString("utf8"),
          secure: session.secure,
          user: session.user as string | undefined,
        });
        done();
      });
    },
    ...options,
  });
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    received,
    port,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(resolve)),
  };
};

const letter: Letter = { subject: "A test", text: "Hello.", html: "<p>Hello.</p>" };
const to = "anna@example.com";

const mailTo = (url: string | null, options: Partial<MailOptions> = {}) => {
  const warnings: string[] = [];
  const mail = openMail({
    settings: { url, from: "Cairn <cairn@example.com>" },
    print: null,
    warn: (line) => void warnings.push(line),
    retriesMs: [],
    ...options,
  });
  return { ...mail, warnings, [Symbol.asyncDispose]: () => mail.close(0) };
};

describe("mail", () => {
  test("TEN-1 is handed to the SMTP server, encrypted where it can be, with text and HTML", async () => {
    await using server = await smtpServer();
    await using mail = mailTo(`smtp://127.0.0.1:${server.port}`);
    mail.send({ to, letter: joinLetter("https://memory.example.com/account/join#token=abc", 24) });
    await mail.idle();
    expect(mail.warnings).toEqual([]);
    expect(server.received).toMatchObject([{ from: "cairn@example.com", to: [to], secure: true }]);
    // Without the line breaks of quoted-printable (RFC 2045 §6.7).
    const source = server.received[0]!.source.replaceAll("=\r\n", "").replaceAll("=3D", "=");
    expect(source).toMatch(/^Subject: Confirm your address for Cairn\r?$/mu);
    expect(source).toMatch(/^From: Cairn <cairn@example\.com>\r?$/mu);
    expect(source).toMatch(/^Auto-Submitted: auto-generated\r?$/mu);
    expect(source).toContain("text/plain");
    expect(source).toContain("text/html");
    expect(source).toContain("/account/join#token=abc");
    expect(source).not.toMatch(/<img|<link|src=|https?:\/\/(?!memory\.example\.com)/u);
    expect(mail.figures()).toEqual({ waiting: 0, sent: 1, failed: 0 });
  });

  test("TEN-1 signs in where the address says so, and is tried again where that fails", async () => {
    await using server = await smtpServer({ authOptional: false, hideSTARTTLS: true, allowInsecureAuth: true });
    await using mail = mailTo(`smtp://anna:s%3Aecret@127.0.0.1:${server.port}`);
    mail.send({ to, letter });
    await mail.idle();
    expect(server.received).toMatchObject([{ user: "anna" }]);
    await using wrong = mailTo(`smtp://anna:wrong@127.0.0.1:${server.port}`, { retriesMs: [1] });
    wrong.send({ to, letter });
    await wrong.idle();
    expect(server.received).toHaveLength(1);
    expect(wrong.warnings).toEqual(["A mail could not be sent (EAUTH)."]);
  });

  test("TEN-1 is not sent in the clear where the address asks for TLS", async () => {
    await using server = await smtpServer({ disabledCommands: ["STARTTLS"] });
    await using mail = mailTo(`smtp://127.0.0.1:${server.port}?tls=required`);
    mail.send({ to, letter });
    await mail.idle();
    expect(server.received).toEqual([]);
    expect(mail.warnings).toHaveLength(1);
  });

  test("TEN-1 is tried again while the server is away, and sent when it is back", async () => {
    const port = await smtpServer().then(async (server) => {
      await server[Symbol.asyncDispose]();
      return server.port;
    });
    await using mail = mailTo(`smtp://127.0.0.1:${port}`, { retriesMs: Array.from({ length: 100 }, () => 20) });
    mail.send({ to, letter });
    expect(mail.figures()).toMatchObject({ waiting: 1, sent: 0 });
    const received: string[] = [];
    const server = new SMTPServer({
      authOptional: true,
      onData: (stream, session, done) => {
        stream.resume();
        stream.on("end", () => {
          received.push(...session.envelope.rcptTo.map(({ address }) => address));
          done();
        });
      },
    });
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    await mail.idle();
    await new Promise<void>((resolve) => server.close(resolve));
    expect(received).toEqual([to]);
    expect(mail.warnings).toEqual([]);
  });

  test("TEN-1 that is refused for good is not tried again, and no address is told", async () => {
    let asked = 0;
    await using server = await smtpServer({
      onRcptTo: (_address, _session, done) => {
        asked += 1;
        done(Object.assign(new Error(`${to} is unknown here`), { responseCode: 550 }));
      },
    });
    await using mail = mailTo(`smtp://127.0.0.1:${server.port}`, { retriesMs: [1, 1, 1] });
    mail.send({ to, letter });
    await mail.idle();
    expect(asked).toBe(1);
    expect(mail.warnings).toEqual(["A mail could not be sent (refused)."]);
  });

  test("TEN-1 to a server that says nothing is given up in time, and delays nobody", async () => {
    const sockets: Socket[] = [];
    const silent: Server = createServer((socket) => void sockets.push(socket));
    silent.listen(0, "127.0.0.1");
    await once(silent, "listening");
    const mail = mailTo(`smtp://127.0.0.1:${(silent.address() as AddressInfo).port}`, { withinMs: 50 });
    mail.send({ to, letter });
    await mail.idle();
    expect(mail.warnings).toEqual([expect.stringMatching(/^A mail could not be sent \(ETIMEDOUT\)\.$/u)]);
    await mail.close();
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  test("TEN-1 that waits is given up when the server ends", async () => {
    const mail = mailTo("smtp://127.0.0.1:1", { retriesMs: [600_000] });
    mail.send({ to, letter });
    await mail.close(0);
    expect(mail.figures()).toEqual({ waiting: 0, sent: 0, failed: 1 });
  });

  test("TEN-1 without a server is printed for whoever started this one, and never gets into a log", async () => {
    const printed: string[] = [];
    const mail = mailTo(null, { print: (text) => void printed.push(text) });
    mail.send({ to, letter: resetLetter("http://127.0.0.1:18790/account/reset-password#token=abc", 1) });
    expect(printed.join()).toContain("Mail to anna@example.com: A new password for Cairn");
    expect(printed.join()).toContain("#token=abc");
    expect(mail.warnings).toEqual([]);
    const logged = mailTo(null);
    logged.send({ to, letter: resetLetter("http://127.0.0.1:18790/account/reset-password#token=abc", 1) });
    expect(logged.warnings).toEqual(["Mail is not configured, so a mail was not sent: set CAIRN_MAIL_URL."]);
  });

  test("TEN-1 names do not get into headers, links or markup", async () => {
    const url = "https://memory.example.com/account/join#token=abc";
    const organisation = 'Acme\r\nBcc: eve@example.com\r\n\r\n<script src="https://evil.example">';
    const given = invitationLetter({ organisation, invitedBy: "Ann\u2028a <b>", url, until: new Date(0) });
    expect(given.subject).not.toMatch(/[\r\n]/u);
    expect(given.html).not.toMatch(/<script|<b>|https:\/\/evil/u);
    expect(given.text).not.toContain("https://evil");
    await using server = await smtpServer();
    await using mail = mailTo(`smtp://127.0.0.1:${server.port}`);
    mail.send({ to, letter: given });
    mail.send({ to, letter: { ...letter, subject: "One\r\nBcc: eve@example.com" } });
    await mail.idle();
    expect(server.received.map((one) => one.to)).toEqual([[to], [to]]);
    for (const { source } of server.received) expect(source).not.toMatch(/^Bcc:/imu);
  });
});
