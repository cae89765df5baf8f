/**
 * Reads a TribalMemory bundle as it streams in, one entry at a time: a bundle with its vectors is often larger than
 * the longest text that JavaScript can hold. Only the frame is followed here (objects, lists, texts); each entry is
 * handed on as the JSON text that it is, and parsed there.
 *
 * The bundle may lie bare, or inside the answer of an export call as its `bundle`.
 */
export type BundlePart =
  | { readonly kind: "manifest"; readonly text: string }
  | { readonly kind: "entry"; readonly index: number; /** `null` when it is too long. */ readonly text: string | null };

export interface BundleScanner {
  readonly push: (chunk: string) => readonly BundlePart[];
  /** Whether the outermost object has been closed. */
  readonly complete: () => boolean;
}

interface Frame {
  readonly isList: boolean;
  /** The key whose value comes or is open; of a list, that of the list itself. */
  key: string;
  awaitsKey: boolean;
}

interface Capture {
  readonly kind: "manifest" | "entry";
  readonly parts: string[];
  length: number;
  depth: number;
}

const quote = 34;
const backslash = 92;
const isOpening = (code: number): boolean => code === 123 || code === 91;
const isClosing = (code: number): boolean => code === 125 || code === 93;
const comma = 44;
const isBlank = (code: number): boolean => code === 32 || code === 10 || code === 13 || code === 9;

const longestKey = 100;
const longestPart = 4_000_000;

export const makeBundleScanner = (): BundleScanner => {
  const frames: Frame[] = [];
  let capture: Capture | null = null;
  let inText = false;
  let escaped = false;
  let key = "";
  let entries = 0;
  let ended = false;

  /** Whether the innermost object is the bundle itself. */
  const isBundle = (depth: number): boolean => depth === 1 || (depth === 2 && frames[0]?.key === "bundle");
  const awaitsEntry = (): boolean => {
    const list = frames.at(-1);
    return list?.isList === true && list.key === "entries" && isBundle(frames.length - 1);
  };
  const awaitsManifest = (): boolean => {
    const frame = frames.at(-1);
    return frame?.isList === false && !frame.awaitsKey && frame.key === "manifest" && isBundle(frames.length);
  };

  const finish = ({ kind, parts, length }: Capture): BundlePart => {
    const text = length > longestPart ? null : parts.join("").trim();
    if (kind === "entry") return { kind, index: entries++, text };
    return { kind, text: text ?? "" };
  };

  const push = (chunk: string): readonly BundlePart[] => {
    const found: BundlePart[] = [];
    let from = 0;
    const keep = (to: number): void => {
      if (capture === null) return;
      capture.length += to - from;
      if (capture.length <= longestPart) capture.parts.push(chunk.slice(from, to));
      else capture.parts.length = 0;
    };
    const complete = (to: number): void => {
      if (capture === null) return;
      keep(to);
      found.push(finish(capture));
      capture = null;
    };
    for (let at = 0; at < chunk.length; at += 1) {
      const code = chunk.charCodeAt(at);
      if (inText) {
        if (escaped) escaped = false;
        else if (code === backslash) escaped = true;
        else if (code === quote) inText = false;
        if (inText && capture === null && frames.at(-1)?.awaitsKey === true && key.length < longestKey)
          key += chunk[at];
        continue;
      }
      if (capture !== null) {
        if (code === quote) inText = true;
        else if (isOpening(code)) capture.depth += 1;
        else if (isClosing(code) && capture.depth > 0) {
          capture.depth -= 1;
          if (capture.depth === 0) complete(at + 1);
          continue;
        }
        // A value that is no object or list ends where the list goes on or ends.
        if (capture === null || capture.depth > 0 || !(code === comma || isClosing(code))) continue;
        complete(at);
      }
      if (isBlank(code) || ended) continue;
      if (code !== comma && !isClosing(code) && (awaitsEntry() || (awaitsManifest() && isOpening(code)))) {
        capture = { kind: awaitsEntry() ? "entry" : "manifest", parts: [], length: 0, depth: isOpening(code) ? 1 : 0 };
        from = at;
        inText = code === quote;
        continue;
      }
      const top = frames.at(-1);
      if (code === quote) {
        inText = true;
        if (top?.awaitsKey === true) key = "";
      } else if (isOpening(code)) {
        frames.push({ isList: code === 91, key: code === 91 ? (top?.key ?? "") : "", awaitsKey: code !== 91 });
      } else if (isClosing(code)) {
        frames.pop();
        ended = frames.length === 0;
      } else if (top !== undefined && code === 58 && top.awaitsKey) {
        top.key = key;
        top.awaitsKey = false;
      } else if (top?.isList === false && code === comma) {
        top.awaitsKey = true;
        top.key = "";
      }
    }
    keep(chunk.length);
    return found;
  };

  return { push, complete: () => ended };
};
