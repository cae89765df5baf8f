/**
 * What a text shows on its face, without understanding it: that it asks, that it tells a time; and of a question, that
 * it asks for a time. Answers follow questions, and an answer to "when" names a time. Small lists for ten languages;
 * a word that is not on them costs a little rank, never a result.
 */

const questionMark = /[?？؟]/u;

/** Whether the text asks anything. */
export const asksSomething = (text: string): boolean => questionMark.test(text);

const timeWords = new Set(
  [
    "yesterday today tonight tomorrow last next ago week weeks weekend weekends month months year years recently since",
    "morning evening afternoon monday tuesday wednesday thursday friday saturday sunday january february march april may",
    "june july august september october november december spring summer autumn winter",
    // German
    "gestern heute morgen abend vorgestern übermorgen letzte letzten letzter letztes nächste nächsten nächstes woche wochen",
    "wochenende monat monate monaten jahr jahre jahren seit neulich kürzlich montag dienstag mittwoch donnerstag freitag",
    "samstag sonntag januar februar märz mai juni juli oktober dezember sommer herbst frühling",
    // French
    "hier aujourd demain semaine semaines mois an ans année années dernier dernière prochain prochaine depuis récemment",
    "matin soir lundi mardi mercredi jeudi vendredi samedi dimanche janvier février mars avril juin juillet août septembre",
    "octobre novembre décembre été hiver printemps automne",
    // Spanish and Portuguese
    "ayer hoy mañana anoche semana semanas mes meses año años pasado pasada próximo próxima hace desde recientemente tarde",
    "lunes martes miércoles jueves viernes sábado domingo enero febrero marzo abril mayo junio julio agosto septiembre",
    "octubre noviembre diciembre ontem hoje amanhã mês ano anos passado passada próxima atrás segunda terça quarta quinta",
    "sexta janeiro fevereiro março maio junho julho setembro outubro novembro dezembro",
    // Italian and Dutch
    "ieri oggi domani settimana settimane mese mesi anno anni scorso scorsa prossimo prossima fa lunedì martedì mercoledì",
    "giovedì venerdì sabato domenica gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre gisteren",
    "vandaag morgen week weken maand maanden jaar jaren vorige volgende geleden sinds onlangs maandag dinsdag woensdag",
    "donderdag vrijdag zaterdag zondag januari februari maart juni juli augustus",
    // Russian
    "вчера сегодня завтра позавчера послезавтра неделя неделе недели неделю месяц месяца месяце год года году лет назад",
    "прошлый прошлой прошлом следующий следующей следующем недавно утром вечером понедельник вторник среда среду четверг",
    "пятница пятницу суббота субботу воскресенье января февраля марта апреля мая июня июля августа сентября октября ноября",
    "декабря",
  ]
    .join(" ")
    .split(" "),
);
const timeCharacters =
  /昨天|今天|明天|前天|后天|上周|下周|上个?月|下个?月|去年|今年|明年|星期|周[一二三四五六日]|昨日|今日|明日|先週|来週|先月|来月|[月曜火水木金土日]曜|\d+\s?[年月日号]/u;
const yearOrDate = /\b(?:19|20)\d\d\b|\b\d{1,2}[:.]\d\d\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b/u;

/** As much of a text as is looked at: what comes later is rarely its answer. */
const mostCharacters = 4_000;
const mostQuestionCharacters = 200;

/** Whether the text names a time: a day, a month, a year, "last week", "ago". */
export const tellsTime = (text: string): boolean => {
  const start = text.slice(0, mostCharacters).toLowerCase();
  if (yearOrDate.test(start) || timeCharacters.test(start)) return true;
  for (const [word] of start.matchAll(/\p{L}+/gu)) if (timeWords.has(word)) return true;
  return false;
};

const opening =
  "(?:(?:and|so|but|then|hey|ok|okay|please|do you (?:know|remember|recall)|(?:can|could) you (?:tell|remind) me|tell me|remind me|i wonder|any idea|und|et|y|e|en|а|и)[\\s,]+){0,4}";
const timeQuestions = new RegExp(
  `^[^\\p{L}]*${opening}(?:${[
    "(?:since |until |till |from |by )?when",
    "how long",
    "(?:at |on |in |by |around )?(?:what|which) (?:time|day|date|month|year|week|season|weekday)s?",
    "(?:seit |bis |ab )?wann",
    "wie lange",
    "(?:an |in |zu )?welche[mnrs]? (?:tag|datum|monat|jahr|woche|uhrzeit|zeit)",
    "um wie ?viel uhr",
    "(?:depuis |jusqu'à )?quand",
    "combien de temps",
    "(?:à |en |de )?quel(?:le)? (?:heure|jour|date|mois|année|semaine)",
    "¿?(?:desde |hasta )?(?:cuándo|cuando)",
    "¿?cuánto tiempo",
    "¿?(?:a |en )?qué (?:hora|día|fecha|mes|año)",
    "(?:desde |até )?quando",
    "(?:da |fino a )?quando",
    "quanto tempo",
    "(?:a |em |in )?(?:que|qual|che|quale) (?:horas?|dia|data|mês|ano|ora|giorno|mese|anno)",
    "(?:sinds |tot )?wanneer",
    "hoe (?:lang|laat)",
    "(?:op |in )?welke? (?:dag|datum|maand|jaar|week)",
    "(?:с каких пор|когда|во сколько|как долго|сколько времени|в каком (?:году|месяце)|какого числа)",
  ].join("|")})(?!\\p{L})`,
  "iu",
);
const timeQuestionCharacters =
  /什么时候|甚麼時候|何时|何時|几点|哪[一]?[天年日月]|多久|几[月号]|いつ|何[日月年]|언제|몇\s?시/u;

/** Whether a question asks for a time or a span of time. */
export const asksForTime = (question: string): boolean => {
  const start = question.slice(0, mostQuestionCharacters);
  return timeQuestions.test(start) || timeQuestionCharacters.test(start);
};
