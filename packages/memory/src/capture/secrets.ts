/**
 * Secrets in a text, found by what they look like: the formats of well-known keys, what stands behind "password:", and
 * tokens too random to be words. A secret is never stored by automatic capture and never sent to a model, so doubt
 * counts as a secret. Every pattern has bounded repeats or ends at a blank: one pass each.
 */
import { isRandom } from "./randomness.ts";

export interface Secret {
  readonly kind: "key" | "private_key" | "token" | "connection" | "card" | "assignment" | "random";
  readonly from: number;
  readonly to: number;
}

/** What a secret is replaced with. */
export const removed = "[secret removed]";

const keys: readonly RegExp[] = [
  /\b(?:AKIA|ASIA|AGPA|AIDA|AROA)[0-9A-Z]{16}\b/gu,
  /\bgh[pousr]_[A-Za-z0-9]{30,255}|\bgithub_pat_[A-Za-z0-9_]{22,255}|\bgl(?:pat|ptt|rt)-[A-Za-z0-9_-]{20,255}/gu,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,255}|\bxapp-[A-Za-z0-9-]{10,255}/gu,
  /\b(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{10,255}|\bwhsec_[A-Za-z0-9+/=]{20,255}/gu,
  /\bsk-(?:ant-|proj-|or-|svcacct-)?[A-Za-z0-9_-]{20,255}/gu,
  /\bAIza[0-9A-Za-z_-]{35}|\bGOCSPX-[0-9A-Za-z_-]{20,60}|\bya29\.[0-9A-Za-z_-]{20,255}/gu,
  /\bhf_[A-Za-z0-9]{30,60}|\bnpm_[A-Za-z0-9]{36}|\bpypi-[A-Za-z0-9_-]{50,255}|\bdapi[0-9a-f]{32}/gu,
  /\bSG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}|\bkey-[0-9a-f]{32}\b|\bSK[0-9a-f]{32}\b/gu,
  /\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b|\bdop_v1_[0-9a-f]{64}|\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}/gu,
  /\bhvs\.[A-Za-z0-9_-]{20,255}|\bATATT3[A-Za-z0-9_=-]{20,255}|\bAGE-SECRET-KEY-1[0-9A-Z]{20,80}/gu,
  /\bcairn_(?:live|test)_[A-Za-z0-9_]{8,255}/gu,
];
const tokens: readonly RegExp[] = [
  /\beyJ[A-Za-z0-9_-]{8,4000}\.[A-Za-z0-9_-]{8,4000}(?:\.[A-Za-z0-9_-]{0,2000})?/gu,
  /\b(?:bearer|basic) {1,3}[A-Za-z0-9._~+/=-]{16,4000}/giu,
  /[?&](?:access_?token|api_?key|token|key|sig|signature|secret|password|auth|code)=[^&\s"'<>]{8,2000}/giu,
];
const connections: readonly RegExp[] = [
  /\b[a-z][a-z0-9+.-]{1,30}:\/\/[^\s/:@]{0,100}:[^\s/@]{1,200}@[^\s"'<>]{1,300}/giu,
  /\b(?:AccountKey|SharedAccessKey|SharedAccessSignature|Password|Pwd)=[^;\s"']{4,300}/gu,
];
const privateKey = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/gu;
const privateKeyEnd = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/gu;
const digitRun = /(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d.])/gu;

/** Found inside words too: `dbPassword`, `MY_API_KEY`. */
const longNames =
  "password|passwort|passphrase|passcode|passwd|kennwort|mot de passe|contrasena|contraseña|wachtwoord|hasło|пароль|密码|密碼|口令|パスワード|secret(?: key)?|api[-_ ]?key|access[-_ ]?key|token|private[-_ ]?key|encryption[-_ ]?key";
const shortNames = "pass|pwd|clave|senha|parola|haslo|pin(?:[- ]?code)?|otp|2fa code|cvv|cvc";
const assignment = new RegExp(
  `(?:${longNames}|(?<![\\p{L}\\p{N}])(?:${shortNames}))(?: (?:for|to|of|von|für|de|del|pour|от|для) [^\\n:=]{1,40}?)?["']? {0,3}(=|:|：|->|=>|\\bis(?: now)?|\\bare|\\bwas|\\blautet|\\bist|\\best|\\bes|\\bé|\\bè|是|为|は|—|–) {0,3}(?:["'\`“„«]([^"'\`”“»\\n]{3,300})["'\`”“»]|([^\\s"'\`”“«»]{3,300}))`,
  "giu",
);
const phrase =
  /(?<![\p{L}])(?:seed|recovery|mnemonic|backup|wallet)[ -](?:phrase|words|seed|codes?)[^\n:=]{0,30}(?::|=|\bis\b|\bare\b)[^\n]{8,500}/giu;

/** What a person writes behind "password is" when it is none. */
const plainWords =
  /^(?:the|a|an|in|on|at|not|no|none|null|empty|required|optional|wrong|incorrect|correct|invalid|valid|expired|stored|saved|kept|changed|reset|set|too|very|hidden|secret|encrypted|hashed|needed|missing|protected|managed|rotated|shared|safe|secure|strong|weak|being|now|always|never|must|should|what|where|that|this|my|your|our|their|something|case|it|to|for|see|ask|check|look|find|get|use|from|via|under|per|each|one|tbd|unknown|redacted|\[secret.*|nicht|im|falsch|dans|en|il|requis|un|una|der|die|das|не|在|string|number|undefined|true|false|process\.env.*|env\..*|\$\{?.*|<.*|\*+|x+|\.+)[.,;:!?)]*$/iu;

const looksSecret = (value: string, sign: string, quoted: boolean): boolean => {
  const bare = value.replace(/[.,;:!?)\]}]+$/u, "");
  if (bare.length < 3 || plainWords.test(bare)) return false;
  if (quoted || /[=:>：]/u.test(sign)) return true;
  return /\d/u.test(bare) || /\p{Ll}\p{Lu}|[^\p{L}\p{N}'’-]/u.test(bare);
};

/** Luhn's check (ISO/IEC 7812-1, annex B). */
const passesLuhn = (digits: string): boolean => {
  let sum = 0;
  for (let at = digits.length - 1, double = false; at >= 0; at -= 1, double = !double) {
    const digit = Number(digits[at]);
    sum += double ? (digit > 4 ? 2 * digit - 9 : 2 * digit) : digit;
  }
  return sum % 10 === 0 && /[1-9]/u.test(digits);
};

const isCard = (run: string): boolean => {
  const digits = run.replace(/[ -]/gu, "");
  return digits.length >= 13 && /^[2-6]/u.test(digits) && passesLuhn(digits);
};

/** Every secret, in order, none overlapping another. */
export const findSecrets = (text: string): readonly Secret[] => {
  const found: Secret[] = [];
  const add = (kind: Secret["kind"], from: number, to: number): void => void found.push({ kind, from, to });
  for (const { 0: begin, index } of text.matchAll(privateKey)) {
    privateKeyEnd.lastIndex = index + begin.length;
    const end = privateKeyEnd.exec(text);
    add("private_key", index, end === null ? text.length : end.index + end[0].length);
    if (end === null) break;
  }
  const all = (kind: Secret["kind"], patterns: readonly RegExp[]): void => {
    for (const pattern of patterns)
      for (const { 0: match, index } of text.matchAll(pattern)) add(kind, index, index + match.length);
  };
  all("key", keys);
  all("token", tokens);
  all("connection", connections);
  all("assignment", [phrase]);
  for (const { 0: run, index } of text.matchAll(digitRun)) if (isCard(run)) add("card", index, index + run.length);
  for (const match of text.matchAll(assignment)) {
    const [whole, sign = "", quoted, bare = ""] = match;
    const value = quoted === undefined ? bare : `${quoted}"`;
    const ending = /[.,;:!?)\]}"]*$/u.exec(value)?.[0].length ?? 0;
    const end = match.index + whole.length;
    if (looksSecret(quoted ?? bare, sign, quoted !== undefined)) add("assignment", end - value.length, end - ending);
  }
  for (const { 0: word, index } of text.matchAll(/[A-Za-z0-9+/_=.~-]{20,400}/gu))
    if (isRandom(word)) add("random", index, index + word.length);
  found.sort((a, b) => a.from - b.from || b.to - a.to);
  const apart: Secret[] = [];
  for (const secret of found) {
    const last = apart.at(-1);
    if (last === undefined || secret.from >= last.to) apart.push(secret);
    else if (secret.to > last.to) apart[apart.length - 1] = { ...last, to: secret.to };
  }
  return apart;
};

/** The text with a mark in place of each secret. */
export const redact = (text: string): string => {
  let out = "";
  let at = 0;
  for (const { from, to } of findSecrets(text)) {
    out += text.slice(at, from) + removed;
    at = to;
  }
  return out + text.slice(at);
};

export const holdsSecret = (text: string): boolean => text.includes(removed) || findSecrets(text).length > 0;
