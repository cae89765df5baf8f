import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const run = promisify(execFile);

test("TEN-1 nothing of better-auth, jose or nodemailer is loaded before it is needed", async () => {
  const urls = ["accounts.ts", "../mail/mail.ts"].map((file) => new URL(file, import.meta.url).href);
  const script = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load: (url, context, next) => {
      if (/node_modules\\/(?:@?better-auth|better-call|jose|nodemailer|kysely)/.test(url)) loaded.push(url);
      return next(url, context);
    } });
    const [{ openAccounts }, { openMail }] = await Promise.all(${JSON.stringify(urls)}.map((url) => import(url)));
    const mail = openMail({ settings: { url: "smtp://127.0.0.1:1", from: "cairn@example.com" }, print: null, warn: () => {} });
    const secret = { id: "0", derive: () => Buffer.alloc(32) };
    const accounts = openAccounts({
      database: {}, people: {}, organisations: {}, secrets: { current: secret, all: [secret], find: () => null },
      settings: { signUp: "open", providers: [] }, mail, clock: Date.now, publicUrl: () => "http://127.0.0.1:1",
      onEvent: () => {}, log: { failed: () => {}, warn: () => {} },
    });
    const reply = await accounts.handle(new Request("http://127.0.0.1:1/auth/options"), { address: null });
    console.log(JSON.stringify({ loaded, status: reply.status }));
  `;
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script]);
  expect(JSON.parse(stdout)).toEqual({ loaded: [], status: 200 });
});
