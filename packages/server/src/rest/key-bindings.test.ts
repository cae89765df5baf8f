import { keyIdOf } from "@cairn/directory/keys/key-format";
import { makeMemoryKeptAnswers } from "@cairn/directory/memory-kept-answers";
import { setUpOperations } from "@cairn/testing/setup-operations";
import { describe, expect, test } from "vitest";
import { serving } from "../test-support.ts";

describe("keys over HTTP", () => {
  test("TEN-2 are made, listed, changed, rotated and revoked", async () => {
    await using server = await serving(setUpOperations().pipeline);
    const made = await server.send("POST", "/v1/auth/keys", {
      label: "CI",
      role: "editor",
      scopes: ["memories:read"],
      expires_in: 3_600,
    });
    expect(made).toMatchObject({
      status: 201,
      json: { label: "CI", role: "editor", expires_at: "2026-03-14T13:00:00.000Z" },
    });
    const { key, ...shown } = made.json as { readonly id: string; readonly key: string };
    expect(keyIdOf(key)).toBe(shown.id);
    const path = `/v1/auth/keys/${shown.id}`;
    expect((await server.send("GET", path)).json).toEqual(shown);
    expect((await server.send("GET", "/v1/auth/keys?limit=10")).json).toEqual({ keys: [shown], next_cursor: null });
    expect((await server.send("PATCH", path, { label: "Old CI" })).json).toEqual({ ...shown, label: "Old CI" });
    const next = await server.send("POST", `${path}/rotate`, { grace_seconds: 60 });
    expect(next).toMatchObject({ status: 201, json: { replaces: shown.id, label: "Old CI" } });
    expect((await server.send("GET", path)).json).toMatchObject({ expires_at: "2026-03-14T12:01:00.000Z" });
    expect(await server.send("DELETE", path)).toMatchObject({ status: 200, json: { state: "revoked" } });
    expect(await server.send("GET", "/v1/auth/keys/nonsense")).toMatchObject({
      status: 404,
      json: { code: "key.not_found" },
    });
    expect((await server.send("GET", "/v1/auth/whoami")).json).toMatchObject({ principal: "local", key_id: null });
  });

  test("TEN-2 no answer with a key in it is kept for an Idempotency-Key", async () => {
    const setup = setUpOperations();
    const answers = makeMemoryKeptAnswers({ clock: setup.services.clock });
    const kept: (string | null)[] = [];
    const watched = {
      ...answers,
      keep: async (answer: Parameters<typeof answers.keep>[0]) => {
        kept.push(answer.answer);
        await answers.keep(answer);
      },
    };
    await using server = await serving(setup.pipeline, { answers: watched });
    const once = { "Idempotency-Key": "the-same" };
    const body = { label: "CI", role: "editor" };
    const made = await server.send("POST", "/v1/auth/keys", body, once);
    expect(made.status).toBe(201);
    expect(await server.send("POST", "/v1/auth/keys", body, once)).toMatchObject({
      status: 409,
      json: { code: "request.already_done" },
    });
    const { id } = made.json as { readonly id: string };
    await server.send("POST", `/v1/auth/keys/${id}/rotate`, {}, { "Idempotency-Key": "another" });
    expect(kept).toEqual([null, null]);
    expect((await server.send("GET", "/v1/auth/keys")).json.keys).toHaveLength(2);
  });
});
