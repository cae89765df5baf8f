/**
 * What stands in a turn and was not said by its speaker: memory recalled into the prompt, preambles of runtimes, output
 * of tools, code, logs. All of it is taken out before anything is judged, so that a memory is never captured again from
 * its own recall. Blocks that are not closed reach to the end of the turn: what cannot be told apart is not kept.
 */
import { stripVTControlCharacters } from "node:util";

export type NoiseReason = "preamble" | "recalled_block" | "tool_output" | "code" | "log" | "quoted" | "heartbeat";

export interface Cleaned {
  readonly text: string;
  /** Why parts were taken out, each once. */
  readonly reasons: readonly NoiseReason[];
  /** Nothing of the turn counts. */
  readonly whole: NoiseReason | null;
}

/** Names of blocks that programs inject; Cairn's own is `recalled`. */
const memoryTag =
  /^(?:recalled|recall(?:ed)?[-_].*|.*[-_]?memor(?:y|ies)(?:[-_].*)?|mem0.*|context|.*[-_]context|past[-_]conversations?|conversation[-_]history|summary|relevant[-_].*|knowledge.*|user[-_]profile|cairn.*)$/u;
const runtimeTag =
  /^(?:system.*|developer.*|instructions?|.*[-_]instructions?|preamble|reminder|.*[-_]reminder|environment.*|env|ide[-_].*|editor.*|open[-_].*files?|attached?.*|documents?|files?|skills?|persona|rules|policy|hook.*|command.*|local[-_]command.*|bash[-_].*|user[-_]prompt.*|task[-_]notification|antml.*)$/u;
const toolTag =
  /^(?:tool.*|function.*|invoke|result|output|stdout|stderr|search[-_]results?|observation|thinking|think|scratchpad|reasoning|parameter|error)$/u;

const opening = /<\/?([a-z][a-z0-9_:-]{1,40})(?:\s[^<>]{0,500})?(\/?)>/giu;

const reasonOfTag = (name: string): NoiseReason | null => {
  const plain = name.toLowerCase();
  if (memoryTag.test(plain)) return "recalled_block";
  if (toolTag.test(plain)) return "tool_output";
  return runtimeTag.test(plain) ? "preamble" : null;
};

interface Taking {
  text: string;
  readonly reasons: Set<NoiseReason>;
}

const takeTags = (taking: Taking): void => {
  const { text } = taking;
  let out = "";
  let at = 0;
  opening.lastIndex = 0;
  for (let match = opening.exec(text); match !== null; match = opening.exec(text)) {
    const [whole, name = "", closed] = match;
    const reason = reasonOfTag(name);
    if (reason === null) continue;
    taking.reasons.add(reason);
    const behind = match.index + whole.length;
    // What ends here began before the turn did: what stands in front of it belongs to it.
    const tail = whole.startsWith("</");
    if (!tail) out += `${text.slice(at, match.index)}\n`;
    const end = tail || closed === "/" ? behind : endOfBlock(text, name, behind);
    at = end;
    opening.lastIndex = end;
  }
  taking.text = out + text.slice(at);
};

/** Behind the block's end, blocks of the same name inside it included. */
const endOfBlock = (text: string, name: string, from: number): number => {
  const edge = new RegExp(`<(/?)${name}(?=[\\s>])[^<>]{0,500}>`, "giu");
  edge.lastIndex = from;
  let depth = 1;
  for (let match = edge.exec(text); match !== null; match = edge.exec(text)) {
    depth += match[1] === "/" ? -1 : 1;
    if (depth === 0) return match.index + match[0].length;
  }
  return text.length;
};

const bracketTag = /\[\/?(?:inst|system|sys|tool|tool_result)\]|<\|[a-z_]{2,30}\|>/iu;
const memoryHeading =
  /^\s{0,3}(?:#{1,6}\s*|\*\*|\[|={2,}\s*)?(?:relevant |recalled |retrieved |long[- ]term |user |your |past |stored |injected )?(?:memor(?:y|ies)|recalled(?: context)?|context from memory|what (?:i|you) (?:know|remember)[^:\n]{0,60}|erinnerungen|gedächtnis|souvenirs|recuerdos|память|воспоминания|记忆|相关记忆|記憶)(?: \(?(?:context|recall|results?|bank|block|notes?|section)\)?)?[\s:*\]=]{0,8}$/iu;
const isHeading = (line: string): boolean =>
  /^\s{0,3}#{1,6}\s/u.test(line) || /^\s*(?:-{3,}|={3,}|\*{3,})\s*$/u.test(line);
const isListed = (line: string): boolean =>
  /^\s*(?:[-*•+]|\d{1,3}[.)]|>|\||\[)\s?/u.test(line) || /^\s{2,}\S/u.test(line);

/** "## Memory" and the list below it; it ends at the next heading, or where plain text follows an empty line. */
const takeSections = (taking: Taking): void => {
  const lines = taking.text.split("\n");
  if (!lines.some((line) => memoryHeading.test(line))) return;
  const kept: string[] = [];
  let inside = false;
  let empty = false;
  let listed = false;
  for (const line of lines) {
    const begins = memoryHeading.test(line) && (/[#*[=:]/u.test(line) || line.trim().length > 3);
    if (begins) {
      inside = true;
      empty = false;
      listed = false;
      taking.reasons.add("recalled_block");
      continue;
    }
    if (inside && (isHeading(line) || (listed && empty && line.trim() !== "" && !isListed(line)))) inside = false;
    if (!inside) kept.push(line);
    listed ||= inside && isListed(line);
    empty = line.trim() === "";
  }
  taking.text = kept.join("\n");
};

const heartbeat =
  /^\s*(?:heartbeat(?:_ok)?\b.*|read heartbeat\.md.*|no_reply|ping|pong|\[cron\b.*|\[?(?:auto|scheduled) (?:check|run|task)\b.*|\[?message_id:.*|conversation info \(untrusted.*|sender \(untrusted.*|\[system (?:event|message)\].*)\s*$/iu;
const logLine =
  /^\s*(?:\[?\d{4}-\d{2}-\d{2}[t ]\d{2}:\d{2}:\d{2}\S*\]?\s+\[?(?:trace|debug|info|warn|warning|error|fatal|critical)\b|\[?(?:trace|debug|info|warn|warning|error|fatal)\]?\s*[:|]\s|\[(?:trace|debug|info|warn|warning|error|fatal|critical)\]\s|at\s+\S+ \(?\S+:\d+:\d+\)?|file "[^"]{1,300}", line \d+|traceback \(most recent|caused by: \S+|\S{1,200}(?:exception|error): \S|npm (?:err!|warn)|\$ \S|>>> |exit code \d|process exited|\d{1,3}(?:\.\d{1,3}){3} - - \[)/iu;
const diffLine =
  /^(?:@@ .* @@|diff --git |index [0-9a-f]{7,}|(?:\+\+\+|---) [ab]?\/|[+-](?![ -]?\d+ ?[°%€$]?)\s{2,}\S|[+-]\s?(?:import|const|let|var|function|class|return|if|for|def|public|private|export)\b)/u;
const jsonLine = /^\s*(?:[{[\]}],?|"[^"\n]{1,100}"\s*:\s.*|[{[].*["}\]].*[}\]],?)\s*$/u;
const base64Line = /^\s*[A-Za-z0-9+/=_-]{60,}\s*$/u;
const quotedLine = /^\s*(?:>|\|>)\s?/u;
const codeLine =
  /^\s*(?:(?:import|export|const|let|var|function|class|def|return|public|private|#include|using|package|from \S+ import)\b.*[;{(=:].*|[\w.]+\(.*\);?|[})\]];?,?|<\/?[a-z][^>]*>)\s*$/u;

const reasonOfLine = (line: string): NoiseReason | null => {
  // What comes in one line of this length is data, unless it has words.
  if (line.length > 5_000)
    return /^\s*[{[<"]/u.test(line) || !/(?:\S{1,30}\s){20}/u.test(line.slice(0, 1_000)) ? "tool_output" : null;
  if (heartbeat.test(line)) return "heartbeat";
  if (quotedLine.test(line)) return "quoted";
  if (logLine.test(line)) return "log";
  if (diffLine.test(line) || codeLine.test(line)) return "code";
  return jsonLine.test(line) || base64Line.test(line) ? "tool_output" : null;
};

/** Fenced code, to its fence or to the end. */
const takeFences = (taking: Taking): void => {
  if (!/^\s{0,3}(?:```|~~~)/mu.test(taking.text)) return;
  let fence: string | null = null;
  const kept: string[] = [];
  for (const line of taking.text.split("\n")) {
    const mark = /^\s{0,3}(```|~~~)/u.exec(line)?.[1];
    if (mark !== undefined && (fence === null || fence === mark)) {
      fence = fence === null ? mark : null;
      taking.reasons.add("code");
    } else if (fence === null) kept.push(line);
  }
  taking.text = kept.join("\n");
};

/** What chat gateways put before a message: `[Mon 2026-03-02 10:00 UTC] `. */
const stamp = /^\s*\[(?:[a-z]{2,9},? )?\d{4}-\d{2}-\d{2}[^\]\n]{0,60}\]\s*/iu;

const preamble =
  /^\s*(?:you are (?:an? |the )?[^.\n]{0,80}\b(?:assistant|agent|ai|model|chatbot|bot|cli|claude|chatgpt|copilot)\b|# ?(?:system prompt|agents\.md|claude\.md|instructions)\b|system ?:|caveat: the messages below|the following (?:skills|tools|files) are available|this session is being continued|du bist ein(?:e)? [^.\n]{0,60}\b(?:assistent|ki)|tu es un(?:e)? [^.\n]{0,60}\b(?:assistant|ia)\b|eres un(?:a)? [^.\n]{0,60}\b(?:asistente|ia)\b|ты [^.\n]{0,60}(?:ассистент|помощник)|你是[^。\n]{0,30}(?:助手|助理|ai))/iu;
const ownPrompt = /^\s*this is what my memory holds about:/iu;
const wholeJson = /^\s*(?:\{[\s\S]*\}|\[[\s\S]*\])\s*$/u;

const isJson = (text: string): boolean => {
  if (!wholeJson.test(text)) return false;
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
};

/** What is left of a turn's text, and why the rest is not. */
export const withoutNoise = (given: string): Cleaned => {
  const plain = stripVTControlCharacters(given).replace(/\r\n?/gu, "\n");
  const whole: NoiseReason | null = ownPrompt.test(plain)
    ? "recalled_block"
    : preamble.test(plain.replace(stamp, ""))
      ? "preamble"
      : isJson(plain)
        ? "tool_output"
        : null;
  if (whole !== null) return { text: "", reasons: [whole], whole };
  const taking: Taking = { text: plain, reasons: new Set() };
  takeTags(taking);
  const bracket = bracketTag.exec(taking.text);
  if (bracket !== null) {
    taking.reasons.add("preamble");
    taking.text = taking.text.slice(0, bracket.index);
  }
  takeFences(taking);
  takeSections(taking);
  const lines = taking.text.split("\n").filter((line) => {
    const reason = line.trim() === "" ? null : reasonOfLine(line);
    if (reason !== null) taking.reasons.add(reason);
    return reason === null;
  });
  const text = lines
    .map((line) => line.replace(stamp, ""))
    .join("\n")
    .trim();
  return { text, reasons: [...taking.reasons], whole: null };
};
