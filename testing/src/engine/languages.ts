import { describe, expect, test } from "vitest";
import { type EngineConformance, openWorld } from "./world.ts";

const pairs: readonly (readonly [language: string, text: string, queries: readonly string[]])[] = [
  ["Chinese", "我们决定使用人工智能来分析数据", ["人工智能", "分析数据"]],
  ["Japanese", "東京都の図書館で日本語を勉強しています", ["図書館", "日本語", "東京"]],
  ["Japanese, beyond the basic plane", "𠮷野家で牛丼を食べた", ["𠮷野家", "牛丼"]],
  ["Thai", "เราจะไปเที่ยวทะเลในวันหยุด", ["ทะเล"]],
  ["Arabic", "ذهب المهندس إلى المكتبة الجديدة", ["المكتبة", "مهندس"]],
  ["Hebrew", "הפגישה נדחתה למחר בבוקר", ["הפגישה"]],
  ["Russian", "Инженеры обсуждали новые библиотеки", ["библиотека", "инженер"]],
  ["Greek", "Η συνάντηση είναι στο γραφείο", ["συνάντηση", "ΓΡΑΦΕΙΟ"]],
  ["Korean", "회의는 내일 오전에 열립니다", ["회의는"]],
  ["Hindi", "बैठक कल सुबह होगी", ["बैठक"]],
  ["accents", "Crème brûlée à la carte, Zürich, Łódź", ["creme brulee", "zurich", "CRÈME"]],
  [
    "code",
    "Call getUserById from node:fs in src/app/main.ts since v1.2.3",
    ["getUserById", "user by id", "node:fs", "v1.2.3", "1.2.3", "main.ts", "src/app/main.ts"],
  ],
  [
    "snake case",
    "Set MAX_RETRY_COUNT before http_client_v2 starts",
    ["MAX_RETRY_COUNT", "max_retry_count", "retry count"],
  ],
  ["English forms", "She painted children running quickly", ["painting", "child", "runs"]],
];

export const describeLanguages = (conformance: EngineConformance): void => {
  describe("languages", () => {
    test("REC-9 finds words of every script and form, and only where they are", async () => {
      await using world = await openWorld(conformance);
      for (const [, text] of pairs) await world.remember(text);
      await world.reopen();
      const nothing = new Float32Array(64);
      for (const [language, text, queries] of pairs) {
        for (const query of queries) {
          const found = await world.texts(query, { vector: nothing, minRelevance: 0.2 });
          expect({ language, query, found }).toEqual({ language, query, found: [text] });
        }
      }
    });

    test("REC-9 returns nothing for words of a script that no memory holds", async () => {
      await using world = await openWorld(conformance);
      await world.remember("Only English here");
      for (const query of ["人工智能", "ทะเล", "библиотека", "𠮷", "🙂"]) {
        expect(await world.texts(query, { vector: new Float32Array(64) })).toEqual([]);
      }
    });
  });
};
