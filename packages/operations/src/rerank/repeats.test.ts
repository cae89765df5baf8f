import { describe, expect, test } from "vitest";
import { contentOf } from "./found.ts";
import { chunkFound, memoryFound } from "./found.fixture.ts";
import { withoutRepeats } from "./repeats.ts";

const shown = (...given: Parameters<typeof withoutRepeats>) =>
  withoutRepeats(...given).map((one) => [contentOf(one), one.repeats ?? []] as const);

describe("what memories and transcripts both hold", () => {
  test("MEM-9 a passage of nothing but memories of the answer gives its place to what comes next", () => {
    const found = [
      chunkFound("user: I drink tea.", 0.9),
      memoryFound("I drink tea.", 0.8),
      memoryFound("Ann drinks coffee.", 0.7),
      memoryFound("Bo drinks water.", 0.6),
    ];
    expect(shown(found, 2)).toEqual([
      ["I drink tea.", []],
      ["Ann drinks coffee.", []],
    ]);
    const two = [...found.slice(1), chunkFound("user: I drink tea.\nassistant: Ann drinks coffee.", 0.5)];
    expect(shown(two, 5).map(([content]) => content)).toEqual(found.slice(1).map(contentOf));
  });

  test("MEM-9 a passage that says more stays and names what it repeats", () => {
    const passage = "user: I drink tea.\nassistant: Which one?";
    expect(shown([chunkFound(passage, 0.9), memoryFound("I drink tea.", 0.8)], 5)).toEqual([
      [passage, ["I drink tea."]],
      ["I drink tea.", []],
    ]);
  });

  test("MEM-9 only memories in the answer count, whole turns, and those of the same space", () => {
    const passage = chunkFound("user: I drink tea.", 0.9);
    expect(shown([passage, memoryFound("I drink tea.", 0.1)], 1)).toEqual([["user: I drink tea.", []]]);
    for (const other of [memoryFound("drink tea", 0.8), memoryFound("I drink", 0.8), memoryFound("", 0.8)]) {
      expect(shown([passage, other], 5)[0]).toEqual(["user: I drink tea.", []]);
    }
    expect(shown([passage, memoryFound("I drink tea.", 0.8, {}, "other")], 5)[0]).toEqual(["user: I drink tea.", []]);
  });

  test("MEM-9 turns of several lines, and those said twice, are known", () => {
    const text = "First line.\nSecond: line.";
    expect(shown([chunkFound(`user: ${text}`, 0.9), memoryFound(text, 0.8)], 5)).toEqual([[text, []]]);
    expect(shown([chunkFound("user: ok\nassistant: ok", 0.9), memoryFound("ok", 0.8)], 5)).toEqual([["ok", []]]);
  });
});
