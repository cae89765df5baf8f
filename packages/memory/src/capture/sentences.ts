/** A turn's text in sentences, and the sentences that carry nothing: thanks, assent, questions. */

const listMark = /^\s*(?:[-*•+]|\d{1,3}[.)]|#{1,6})\s+/u;
/** Behind a full stop, where a capital, digit or quotation follows; abbreviations of one letter do not end a sentence. */
const boundary = /(?<=[^\s.]{2}[.!?…]["'”’)]?)\s+(?=["'“‘(]?[\p{Lu}\p{Lo}\d])|(?<=[。！？])/u;

/** Sentences in groups that belong together: a paragraph each, list items apart. */
export const sentencesOf = (text: string): readonly (readonly string[])[] => {
  const groups: string[][] = [];
  for (const paragraph of text.split(/\n\s*\n/u)) {
    let lines: string[] = [];
    const close = (): void => {
      const joined = lines.join(" ").replace(/\s+/gu, " ").trim();
      lines = [];
      if (joined !== "") groups.push(joined.split(boundary).flatMap((one) => (one.trim() === "" ? [] : [one.trim()])));
    };
    for (const line of paragraph.split("\n")) {
      if (listMark.test(line)) close();
      lines.push(line.replace(listMark, ""));
    }
    close();
  }
  return groups;
};

const smallTalk = new Set(
  `thanks|thank you|thank you so much|thank you very much|thanks a lot|many thanks|thx|ty|cheers|great|great thanks|perfect|perfect thanks|awesome|nice|cool|good|good job|well done|ok|okay|ok thanks|okay thanks|k|kk|yes|yes please|yep|yeah|yup|no|nope|no thanks|sure|sure thing|fine|alright|all right|got it|i see|makes sense|sounds good|sounds great|go ahead|please continue|continue|please|please do|do it|lgtm|looks good|looks good to me|hi|hello|hey|hi there|hello there|good morning|good evening|good afternoon|good night|bye|goodbye|see you|see you later|take care|sorry|no problem|no worries|you're welcome|welcome|lol|haha|hmm|wow|oh|i agree|agreed|right|exactly|correct|that's right|that works|never mind|nevermind|stop|wait|next|done|i don't know|not sure|let me know|how are you|what's up|hallo|guten morgen|guten tag|guten abend|danke|danke schön|vielen dank|bitte|ja|nein|klar|gut|super|alles klar|tschüss|bis bald|merci|merci beaucoup|bonjour|salut|oui|non|d'accord|très bien|parfait|au revoir|de rien|s'il te plaît|hola|buenos días|gracias|muchas gracias|sí|si|vale|de acuerdo|perfecto|bien|adiós|por favor|de nada|obrigado|obrigada|olá|sim|não|ótimo|grazie|grazie mille|ciao|sì|va bene|prego|dank je|bedankt|hoi|ja graag|dziękuję|cześć|tak|nie|спасибо|большое спасибо|привет|здравствуйте|да|нет|хорошо|ок|понятно|ладно|отлично|пока|пожалуйста|谢谢|谢谢你|多谢|好|好的|好吧|是|是的|不是|对|嗯|你好|您好|再见|没问题|可以|行|ありがとう|ありがとうございます|はい|いいえ|わかりました|了解|こんにちは|おはよう|お願いします|감사합니다|네|아니요|안녕하세요`.split(
    "|",
  ),
);

/** Greetings, thanks and assent with nothing else: also several of them, as in "Ok, thanks!". */
export const isSmallTalk = (sentence: string): boolean => {
  const plain = sentence
    .toLowerCase()
    .replace(/’/gu, "'")
    .replace(/[\p{Extended_Pictographic}\ufe0f\u200d]/gu, " ");
  const parts = plain.split(/[,.!?;:…。！？、，~()\s]*[,.!?;:…。！？、，~()\n]+[,.!?;:…。！？、，~()\s]*/u);
  return parts.every((part) => part.trim() === "" || smallTalk.has(part.trim()));
};

const asking =
  /^(?:and |but |so |ok,? |okay,? |well,? |hey,? |hi,? |please,? )*(?:who|whom|whose|what|when|where|why|which|how|do|does|did|is|are|was|were|am|can|could|will|would|shall|should|may|might|have|has|had|isn'?t|aren'?t|don'?t|doesn'?t|didn'?t|won'?t|can'?t|any|anyone|wer|was|wann|wo|warum|wie|welche[rsnm]?|kannst|könntest|hast|ist|sind|wird|gibt|qui|que|quoi|quand|où|pourquoi|comment|quel(?:le)?s?|est-ce|peux|pouvez|qué|quién|cuándo|dónde|por qué|cómo|cuál|puedes|tienes|кто|что|когда|где|почему|как|какой|какая|можешь|есть ли|谁|什么|哪|怎么|为什么|能不能|可以)\b/iu;
const statesToo = /[,;:–—-]\s/u;

/** A question states nothing; "I am allergic to nuts, can I eat this?" does, before its comma. */
export const isQuestion = (sentence: string): boolean => {
  const trimmed = sentence.trim();
  if (/[吗呢么]\s*[？?。]?$|か[？?。]?$/u.test(trimmed)) return true;
  if (!/[?？]["'”’)]?$/u.test(trimmed)) return false;
  return asking.test(trimmed) || !statesToo.test(trimmed);
};
