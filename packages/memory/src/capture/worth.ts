/**
 * What is worth keeping of what was said, without a model: cues in many languages for requests to remember, for what
 * someone likes, decided, is or owns, for what must be done by when, and for corrections; beside them what the text
 * names and claims, by the same reading that storing uses. A cue missed costs a memory, which an agent can still store
 * on purpose; a cue too many costs noise in every later recall, so a sentence must earn its place.
 */
import { extractEntities } from "../entity/extract.ts";
import type { Category } from "../memory/memory.ts";
import { attributeClaims } from "../memory/contradiction.ts";

export type CueName =
  | "asked"
  | "preference"
  | "decision"
  | "rule"
  | "self"
  | "correction"
  | "commitment"
  | "claim"
  | "named"
  | "dated"
  | "detail";

interface Cue {
  readonly name: CueName;
  readonly weight: number;
  readonly category: Category;
  readonly pattern: RegExp;
  /** The same about people by name, where capitals matter. */
  readonly named?: RegExp;
}

const cues: readonly Cue[] = [
  {
    name: "asked",
    weight: 1,
    category: "fact",
    pattern:
      /(?:^|[^\p{L}])(?:(?:please |pls |and |also )?remember (?:that|this|my|to|:|i |we |the |our |not )|(?:do not|don'?t|never) forget (?:that|my|to|the|our)?|keep (?:it |this )?in mind|note (?:to self|that|down|:)|for (?:the record|future reference)|fyi|make a note|save (?:this|that) (?:to|in|for)|merk(?:e)? dir|denk(?:e)? daran|nicht vergessen|vergiss nicht|zur info|souviens[- ]toi|n'oublie pas|retiens|note que|recuerda|acuérdate|no olvides|ten en cuenta|lembre(?:-se)?|não esqueça|ricorda(?:ti)?|non dimenticare|onthoud|vergeet niet|zapamiętaj|запомни|не забудь|имей в виду|учти|记住|请记住|别忘了|記住|覚えて(?:おいて)?|忘れないで|기억해)/iu,
  },
  {
    name: "preference",
    weight: 0.8,
    category: "preference",
    pattern:
      /\b(?:i|we|my (?:wife|husband|partner|son|daughter|team|boss|mother|father|colleagues?)|he|she|they) (?:really |strongly |also |still |always |usually |do not |don'?t |doesn'?t |much |would )*(?:like|love|hate|prefer|enjoy|dislike|favou?r|adore|detest|can'?t stand|avoid)s?\b|\b(?:my|our) (?:favou?rite|preferred)\b|\bi(?:'d| would) rather\b|\bich (?:mag|liebe|hasse|bevorzuge|trinke|esse)\b|\bmein(?:e)? lieblings|\bj(?:e |')(?:préfère|aime|adore|déteste|n'aime)|\b(?:prefiero|me gustan?|odio|me encantan?|no me gustan?)\b|\b(?:eu prefiro|eu gosto|preferisco|mi piace|odio)\b|(?<!\p{L})(?:я (?:люблю|предпочитаю|не люблю|ненавижу)|мне (?:не )?нравится)|我(?:更|最|不|很)?(?:喜欢|讨厌|偏好|爱)|(?:が好き|が嫌い|の方がいい)/iu,
    named:
      /\b\p{Lu}\p{Ll}+ (?:really |also |still |always |doesn't )?(?:likes?|loves?|hates?|prefers?|enjoys?|dislikes?|avoids?)\b|\b\p{Lu}\p{Ll}+'s (?:favou?rite|preferred)\b/u,
  },
  {
    name: "decision",
    weight: 0.8,
    category: "decision",
    pattern:
      /\b(?:we|i|the team|they|he|she)(?:'ve| have| has)? (?:just |finally |now )?(?:decided|agreed|chose|chosen|settled|opted|concluded|approved|rejected|ruled out|committed)\b|\b(?:we|i)(?:'ll| will|'re going to| are going to| are) (?:go(?:ing)? with|use|using|stick(?:ing)? (?:to|with)|switch(?:ing)? to|mov(?:e|ing) to|drop(?:ping)?)\b|\blet'?s (?:go with|use|stick (?:to|with)|switch to)\b|\b(?:the|our) decision (?:is|was)\b|\bwir (?:haben (?:uns )?(?:entschieden|beschlossen)|nehmen|verwenden)\b|\b(?:wurde |haben )?(?:beschlossen|entschieden)\b|\b(?:nous avons|on a) (?:décidé|choisi|convenu)\b|\b(?:hemos decidido|decidimos|acordamos|vamos a usar)\b|\b(?:decidimos|abbiamo deciso)\b|(?<!\p{L})(?:мы решили|решено|договорились)|(?:我们决定|决定(?:了|用|采用)|に決めた|ことにした)/iu,
    named: /\b\p{Lu}\p{Ll}+ (?:has |have )?(?:decided|agreed|chose|chosen|approved|rejected|committed)\b/u,
  },
  {
    name: "rule",
    weight: 0.6,
    category: "rule",
    pattern:
      /^(?:please )?(?:always|never)\b|\b(?:from now on|in future|going forward),? (?:always|never|please|use|do|don'?t|write|answer|call)\b|\b(?:must|should) (?:always|never)\b|\bpolicy (?:is|says)\b|^(?:bitte )?(?:immer|niemals|nie)\b|^(?:toujours|ne jamais|jamais)\b|^(?:siempre|nunca)\b|^(?:всегда|никогда)|^(?:总是|永远不要|以后(?:都|请))/iu,
  },
  {
    name: "self",
    weight: 0.8,
    category: "fact",
    pattern:
      /\b(?:my name is|call me|i(?:'m| am) (?:an? |the |from |allergic|vegetarian|vegan|married|based|based in|living|working|\d{1,3} years)|i (?:live|work|study|grew up|was born|moved|own|have (?:an? |two |three |four |no |been |celiac|diabetes|asthma)|use |drive |speak |play |run |teach )|i'?ve (?:got|been)|(?:my|our) [\p{L} ]{2,40}? (?:is|are|was|lives?|works?|has|have|starts?|ends?|runs?|uses?|called|named|was born|got|moved|needs?)\b)|\bich (?:bin|heiße|wohne|arbeite|lebe|habe|komme aus)\b|\bmein(?:e)? \p{L}{2,30} (?:ist|heißt|hat|wohnt|arbeitet)\b|\bje (?:suis|m'appelle|travaille)\b|\bj'(?:habite|ai)\b|\b(?:mon|ma) \p{L}{2,30} (?:est|s'appelle|a)\b|\b(?:me llamo|soy|vivo en|trabajo|tengo|mi \p{L}{2,30} (?:es|se llama|tiene))\b|\b(?:moro em|trabalho|meu nome|abito a|mi chiamo|lavoro)\b|(?<!\p{L})(?:меня зовут|я (?:живу|работаю|родил\p{L}*|учусь)|у меня|мо[йяёи] \p{L}{2,30} (?:зовут|живет|работает))|我(?:叫|是|住在|在.{1,12}工作|有)|(?:私は|僕は|に住んで|で働いて)/iu,
  },
  {
    name: "correction",
    weight: 0.6,
    category: "fact",
    pattern:
      /^(?:no|nope|actually|sorry|correction|wait|well actually)[,:. ]|\b(?:that'?s|this is|it'?s) (?:not right|wrong|incorrect|outdated|no longer)\b|\bi meant\b|\bnot \S{1,30},? but\b|\b(?:no longer|not any ?more|instead of)\b|\b(?:has|have) (?:changed|moved|been renamed)\b|^(?:nein|eigentlich|korrektur)[,: ]|\bnicht mehr\b|^(?:non|en fait)[, ]|\bne \p{L}{1,20} plus\b|^(?:no|en realidad)[, ]|\bya no\b|^(?:нет|на самом деле)[, ]|больше не |(?:不对|其实|不再|更正)/iu,
  },
  {
    name: "commitment",
    weight: 0.4,
    category: "fact",
    pattern:
      /\b(?:deadline|due (?:on|by|date)?|appointment|meeting|birthday|anniversary|flight|release|launch|interview|exam|vacation|holiday|reminder|(?:i|we)(?:'ll| will|'m going to| am going to| have to| need to| must| plan to| promised))\b|\b(?:frist|termin|geburtstag|abgabe|urlaub|treffen)\b|\b(?:rendez-vous|anniversaire|échéance|réunion)\b|\b(?:cita|cumpleaños|plazo|reunión)\b|(?:срок|встреча|день рождения|дедлайн)|(?:截止|会议|生日|约定|締め切り|誕生日)/iu,
  },
  {
    name: "dated",
    weight: 0.25,
    category: "fact",
    pattern:
      /\b\d{4}-\d{2}-\d{2}\b|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\p{L}{0,7}\.? \d{1,2}\b|\b\d{1,2}\.? (?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|okt|oct|nov|dec|dez)\p{L}{0,7}\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(?:today|tomorrow|yesterday|next (?:week|month|year)|last (?:week|month|year)|since \d{4}|in (?:19|20)\d{2})\b|\b\d{1,2}(?::\d{2})? ?(?:am|pm|uhr|h)\b|\b(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|morgen|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|demain|lunes|martes|miércoles|jueves|viernes|sábado|domingo|mañana)\b|(?:понедельник|вторник|сред[ау]|четверг|пятниц[ау]|суббот[ау]|воскресенье|завтра)|\d{1,2}月\d{1,2}日|明天|周[一二三四五六日]/iu,
  },
  {
    name: "detail",
    weight: 0.2,
    category: "fact",
    pattern:
      /\b\d+(?:[.,:]\d+)*\b|`[^`\n]{2,100}`|\b[\w-]+\.(?:com|org|net|io|dev|ts|js|py|md|json|yaml|local)\b|\bv\d+(?:\.\d+)+\b/u,
  },
];

export interface Worth {
  /** 0..1 and beyond; compared with `worthThreshold`. */
  readonly score: number;
  /** The heaviest cue. */
  readonly cue: CueName | null;
  readonly category: Category;
}

/** What a person says is kept from here on. */
export const worthThreshold = 0.6;
/** What an assistant says is mostly an answer; it must be a decision or a request. */
export const assistantThreshold = 0.8;
/** Cues that count for an assistant's words: what it likes or owns is nobody's memory. */
const assistantCues: ReadonlySet<CueName> = new Set([
  "decision",
  "correction",
  "commitment",
  "claim",
  "named",
  "dated",
  "detail",
]);

export const weighWorth = (
  sentence: string,
  options: { readonly assistant: boolean; readonly author: string | null },
): Worth => {
  let score = 0;
  let heaviest = 0;
  let cue: CueName | null = null;
  let category: Category = "fact";
  const add = (name: CueName, weight: number, of: Category): void => {
    if (options.assistant && !assistantCues.has(name)) return;
    score += weight;
    if (weight <= heaviest) return;
    heaviest = weight;
    cue = name;
    category = of;
  };
  for (const { name, weight, category: of, pattern, named } of cues)
    if (pattern.test(sentence) || named?.test(sentence) === true) add(name, weight, of);
  if (attributeClaims(sentence, { author: options.author }).length > 0) add("claim", 0.5, "fact");
  const { entities, relations } = extractEntities(sentence, { author: options.author });
  if (relations.length > 0) add("named", 0.4, "fact");
  else if (entities.length > 0) add("named", 0.2, "fact");
  return { score: Math.round(score * 100) / 100, cue, category };
};
