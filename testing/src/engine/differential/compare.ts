/**
 * Whether two engines answered alike. Ids that an engine made differ, so each is taken for its counterpart where the
 * two first meet, and must be that ever after; cursors are opaque. All else must be equal, numbers to 1e-6.
 */
import { CairnError, isCairnError } from "@cairn/kernel/error";

const precision = 1e-6;
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gu;

/** What is larger is a time in milliseconds: nothing else is so large. */
const someTime = 1e12;
/** How far apart two engines may do the same step, milliseconds. */
const near = 60_000;
const hybridTime = /^[0-9a-f]{12}-[0-9a-f]{4}$/u;

export interface Counterparts {
  /** Where the two differ, and how. */
  readonly differencesOf: (left: unknown, right: unknown) => readonly string[];
}

/** An error as what a caller may rely on; its message is for people, but both engines follow the same rules. */
export const errorFacts = (error: unknown): unknown => {
  if (!isCairnError(error)) throw error;
  return { failed: error.code, message: error.message, data: error.data };
};

const show = (value: unknown): string => {
  const text = value instanceof CairnError ? value.code : JSON.stringify(value);
  return text === undefined ? "nothing" : text.slice(0, 600);
};

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

const entriesOf = (value: object): ReadonlyMap<string, unknown> =>
  new Map(Object.entries(value).filter(([, inner]) => inner !== undefined));

export const makeCounterparts = ({ looseTimes }: { readonly looseTimes: boolean }): Counterparts => {
  const toRight = new Map<string, string>();
  const toLeft = new Map<string, string>();

  const areSameIds = (left: string, right: string): boolean => {
    if (!toRight.has(left) && !toLeft.has(right)) {
      toRight.set(left, right);
      toLeft.set(right, left);
    }
    return toRight.get(left) === right && toLeft.get(right) === left;
  };

  const areSameTexts = (left: string, right: string): boolean => {
    if (left.replaceAll(uuid, "id") !== right.replaceAll(uuid, "id")) return false;
    const others = right.match(uuid) ?? [];
    return (left.match(uuid) ?? []).every((id, at) => areSameIds(id, others[at] ?? ""));
  };

  const ofMembers = (left: object, right: object, path: string): readonly string[] => {
    const [mine, other] = [entriesOf(left), entriesOf(right)];
    const names = [...new Set([...mine.keys(), ...other.keys()])];
    if (Array.isArray(left) && Array.isArray(right) && left.length !== right.length)
      return [`${path} has ${left.length} and ${right.length}: ${show(left)} and ${show(right)}`];
    return names.flatMap((name) => differences(mine.get(name), other.get(name), `${path}.${name}`));
  };

  const differences = (left: unknown, right: unknown, path: string): readonly string[] => {
    if (path.endsWith(".cursor") && typeof left === typeof right) return [];
    if (isObject(left) && isObject(right) && Array.isArray(left) === Array.isArray(right))
      return ofMembers(left, right, path);
    return areAlike(left, right) ? [] : [`${path}: ${show(left)} and ${show(right)}`];
  };

  const areAlike = (left: unknown, right: unknown): boolean => {
    if (typeof left === "number" && typeof right === "number")
      return Object.is(left, right) || Math.abs(left - right) <= (looseTimes && left > someTime ? near : precision);
    if (typeof left !== "string" || typeof right !== "string") return left === right;
    return (looseTimes && hybridTime.test(left) && hybridTime.test(right)) || areSameTexts(left, right);
  };

  return { differencesOf: (left, right) => differences(left, right, "answer") };
};
