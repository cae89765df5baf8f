import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { setUpCli } from "../test-host.fixture.ts";

const messages = [
  { role: "user", content: "Which database do we use for billing?", timestamp: "2025-01-02T10:00:00Z" },
  { role: "assistant", content: "Billing uses PostgreSQL since March.", timestamp: "2025-01-02T10:00:05Z" },
];

describe("API-7, MEM-9: conversations on the command line", () => {
  test("a conversation is taken in, searched and read; again it adds only what is new", async () => {
    await using cli = await setUpCli();
    const file = join(cli.cwd, "talk.json");
    await writeFile(file, JSON.stringify(messages));
    expect(await cli.run(["sessions", "ingest", "talk.json"])).toMatchObject({
      code: 6,
      err: expect.stringContaining("--session"),
    });
    const first = await cli.run(["sessions", "ingest", "talk.json", "--session", "s1", "--json"]);
    expect(first.json).toMatchObject({ success: true, messages_processed: 2 });
    await writeFile(
      file,
      JSON.stringify({ session_id: "s1", messages: [...messages, { role: "user", content: "Thanks, noted." }] }),
    );
    expect((await cli.run(["sessions", "ingest", "talk.json"])).out).toContain(
      "1 messages taken in (2 were there already)",
    );
    const found = await cli.run(["sessions", "search", "billing database", "--json"]);
    expect(found.json.results[0]).toMatchObject({ session_id: "s1", content: expect.stringContaining("PostgreSQL") });
    expect((await cli.run(["sessions", "show", "s1"])).out).toContain("Thanks, noted.");
    expect((await cli.run(["sessions", "show", "s2"])).code).toBe(3);
  });

  test("an agent's own transcript, a message a line in an envelope, is understood", async () => {
    await using cli = await setUpCli();
    const lines = [
      { type: "summary", summary: "…" },
      {
        type: "user",
        sessionId: "abc",
        timestamp: "2025-01-02T10:00:00Z",
        message: { role: "user", content: "Fix the login bug" },
      },
      {
        type: "assistant",
        sessionId: "abc",
        timestamp: "2025-01-02T10:00:09Z",
        message: {
          role: "assistant",
          content: [
            { type: "text", text: "The token had expired." },
            { type: "tool_use", name: "x" },
          ],
        },
      },
    ];
    await writeFile(join(cli.cwd, "talk.jsonl"), lines.map((line) => JSON.stringify(line)).join("\n"));
    expect((await cli.run(["sessions", "ingest", "talk.jsonl"])).out).toBe(
      "abc: 2 messages taken in (1 lines hold no message)\n",
    );
    expect((await cli.run(["sessions", "show", "abc"])).out).toContain("The token had expired.");
    await writeFile(join(cli.cwd, "bad.jsonl"), '{"role":"user","content":"x"}\n{oops');
    expect(await cli.run(["sessions", "ingest", "bad.jsonl", "--session", "b"])).toMatchObject({
      code: 6,
      err: expect.stringContaining("line 2"),
    });
  });
});
