/** Names in Chinese and Japanese, where nothing is capitalised: quotation marks, known endings, known places. */
import type { EntityType, Mention } from "./entity.ts";
import { cjkPlaces } from "./known-names.ts";
import type { Taken } from "./literal.ts";

const quoted = /[「『《〈]([^「」『』《》〈〉\n]{1,30})[」』》〉]/gu;
const script = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}]/u;
const segmenter = new Intl.Segmenter("ja", { granularity: "word" });

const endings: readonly (readonly [endings: RegExp, type: EntityType, keep: boolean])[] = [
  [/^(?:さん|様|ちゃん|くん|先生|氏|女士|小姐|老师)$/u, "person", false],
  [/^(?:公司|集团|株式会社|有限公司|大学|银行|銀行|医院|病院)$/u, "organization", true],
  [/^(?:市|省|県|町|村|区)$/u, "place", true],
];
const nobody =
  /^(?:お客|皆|みな|たく|お|我|你|他|她|这|那|的|在|是|和|の|は|が|を|に|で|と|も|へ|本|该|大|有限|株式)$/u;

export const findCjkNames = (content: string, taken: Taken): readonly Mention[] => {
  if (!script.test(content)) return [];
  const mentions: Mention[] = [];
  const add = (start: number, name: string, type: EntityType): void => {
    if (!taken.free(start, start + name.length)) return;
    taken.take(start, start + name.length);
    mentions.push({ start, end: start + name.length, name, type });
  };
  for (const { index, 1: name = "" } of content.matchAll(quoted)) add(index + 1, name, "other");
  let before: { readonly segment: string; readonly index: number } | null = null;
  for (const { segment, index, isWordLike } of segmenter.segment(content)) {
    if (isWordLike !== true) {
      before = null;
      continue;
    }
    const free = before === null || !script.test(before.segment) || nobody.test(before.segment);
    if (segment === "株式会社" && free) {
      before = { segment, index };
      continue;
    }
    const leading = before?.segment === "株式会社" && script.test(segment);
    const match = endings.find(([pattern]) => pattern.test(segment));
    if (leading && before !== null) add(before.index, before.segment + segment, "organization");
    else if (match !== undefined && before !== null && script.test(before.segment) && !nobody.test(before.segment)) {
      add(before.index, match[2] ? before.segment + segment : before.segment, match[1]);
    } else if (cjkPlaces.has(segment)) {
      before = { segment, index };
      continue;
    }
    before = { segment, index };
  }
  for (const { segment, index } of segmenter.segment(content)) if (cjkPlaces.has(segment)) add(index, segment, "place");
  return mentions;
};
