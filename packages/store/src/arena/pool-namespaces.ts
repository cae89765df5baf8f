/**
 * Namespaces: whose blocks they are. A tenant is known by 64 bits of a hash of its name; should two tenants ever share
 * them, they share a quota, nothing else. Those above their quota stand in a list of their own, so that whoever needs
 * room finds them at once. Every function here is called under the pool's lock.
 */
import { header, type Layout, namespace } from "./pool-layout.ts";

export type NamespaceKey = readonly [number, number];

/** FNV-1a (Fowler, Noll & Vo) over the name's UTF-16 units, and the same with another multiplier. */
export const namespaceKey = (name: string): NamespaceKey => {
  let [key, key2] = [0x811c_9dc5 | 0, 0x1505_1505];
  for (let at = 0; at < name.length; at++) {
    key = Math.imul(key ^ name.charCodeAt(at), 0x0100_0193);
    key2 = Math.imul(key2 ^ name.charCodeAt(at), 0x5bd1_e995);
  }
  return [key, key2];
};

export const namespaceRecord = (layout: Layout, number: number): number =>
  layout.namespaceAt + number * namespace.words;

const isOver = (words: Int32Array, record: number): boolean => words[record + namespace.blocks]! > words[header.quota]!;

/** The number of the namespace, made if need be, with one set more in it. There are as many as sets. */
export const enterNamespace = (words: Int32Array, layout: Layout, [key, key2]: NamespaceKey): number => {
  for (let number = 0; number < words[header.freshNamespace]!; number++) {
    const record = namespaceRecord(layout, number);
    const same = words[record + namespace.key] === key && words[record + namespace.key2] === key2;
    if (!same || words[record + namespace.sets] === 0) continue;
    words[record + namespace.sets]!++;
    return number;
  }
  const link = words[header.freeNamespace]!;
  const number = link === 0 ? words[header.freshNamespace]!++ : link - 1;
  const record = namespaceRecord(layout, number);
  if (link !== 0) words[header.freeNamespace] = words[record + namespace.nextFree]!;
  words.fill(0, record, record + namespace.words);
  words[record + namespace.key] = key;
  words[record + namespace.key2] = key2;
  words[record + namespace.sets] = 1;
  words[header.openNamespaces]!++;
  return number;
};

/** One set less; a namespace without sets holds no blocks and is gone. */
export const leaveNamespace = (words: Int32Array, layout: Layout, number: number): void => {
  const record = namespaceRecord(layout, number);
  words[record + namespace.sets]!--;
  if (words[record + namespace.sets] !== 0) return;
  words[record + namespace.nextFree] = words[header.freeNamespace]!;
  words[header.freeNamespace] = number + 1;
  words[header.openNamespaces]!--;
};

/** Books blocks to a namespace, or off it when `blocks` is negative. */
export const account = (words: Int32Array, layout: Layout, number: number, blocks: number): void => {
  const record = namespaceRecord(layout, number);
  const wasOver = isOver(words, record);
  words[record + namespace.blocks]! += blocks;
  if (isOver(words, record) === wasOver) return;
  const next = wasOver ? words[record + namespace.overNext]! : words[header.overQuota]!;
  const previous = wasOver ? words[record + namespace.overPrevious]! : 0;
  const link = wasOver ? next : number + 1;
  if (previous === 0) words[header.overQuota] = link;
  else words[namespaceRecord(layout, previous - 1) + namespace.overNext] = link;
  if (next !== 0) {
    words[namespaceRecord(layout, next - 1) + namespace.overPrevious] = wasOver ? previous : number + 1;
  }
  words[record + namespace.overNext] = wasOver ? 0 : next;
  words[record + namespace.overPrevious] = 0;
};
