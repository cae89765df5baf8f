/**
 * What may be a password: length rather than kinds of characters, and none of those that are tried first (NIST SP
 * 800-63B §3.1.1.2).
 */
import { CairnError } from "@cairn/kernel/error";

export const passwordLength = { min: 8, max: 128 } as const;

/** Of published lists of the most used ones, those of eight characters or more, without digits and signs at the end. */
const stems = new Set(
  `password passwort passw0rd p@ssw0rd p@ssword motdepasse contraseña qwertyuiop qwertyui qwertzuiop azertyuiop asdfghjkl
  asdfasdf zxcvbnm zxcvbnmasdf iloveyou princess sunshine football baseball basketball superman batman trustno starwars
  welcome whatever computer internet michelle jennifer jessica charlie michael letmein monkey dragon shadow master
  administrator admin administrator changeme changeit default secret secretsecret testtest test temp guest login user
  pokemon samsung liverpool chelsea arsenal barcelona corvette mercedes ferrari qazwsx qazwsxedc 1q2w3e4r 1q2w3e4r5t
  1qaz2wsx 1qaz2wsx3edc q1w2e3r4 q1w2e3r4t5 a1b2c3d4 abcdabcd abcdefgh abcdefghi abc xxxxxxxx cairn cairncairn`
    .split(/\s+/u)
    .filter(Boolean),
);

const isSequence = (text: string): boolean => {
  const steps = new Set(Array.from(text.slice(1), (_, index) => text.charCodeAt(index + 1) - text.charCodeAt(index)));
  return steps.size === 1 && [-1, 0, 1].includes([...steps][0] ?? 2);
};

/** A few characters over and over, or up and down the digits. */
const isMonotonous = (text: string): boolean =>
  new Set(text).size < 4 || isSequence(text) || /^(?:1234567890?|0?987654321|0123456789)+\d*$/u.test(text);

const problem = (path: string, message: string): CairnError =>
  new CairnError("request.invalid", `The request is not valid. ${path}: ${message}`, {
    problems: [{ path, code: "password", message }],
  });

/** Throws request.invalid with what would be right. `names`: address and name of the person, in any case. */
export const requirePassword = (password: string, names: readonly string[], path = "password"): void => {
  const { min, max } = passwordLength;
  const length = Array.from(password).length;
  if (length < min) throw problem(path, `must have ${min} characters or more`);
  if (length > max) throw problem(path, `must have ${max} characters at most`);
  const lower = password.normalize("NFKC").toLowerCase();
  const stem = lower.replace(/[\d\s\p{P}\p{S}]+$/u, "");
  const isCommon = stems.has(lower) || stems.has(stem) || isMonotonous(lower);
  if (isCommon) throw problem(path, "is one of those that are tried first; choose another");
  const own = names.flatMap((name) => [name, ...name.split(/[@\s]+/u)]).map((name) => name.toLowerCase());
  if (own.some((name) => name.length >= 4 && (lower === name || stem === name))) {
    throw problem(path, "is your name or address; choose another");
  }
};
