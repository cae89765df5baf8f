/**
 * What gives an instruction to a model away, in English and in markup. Weights were set by hand on the labelled
 * examples of `instruction-examples.fixture.ts`: what no harmless text says is worth 1, what documentation, letters and
 * recipes also say is worth less and counts only beside something else.
 */
import type { Signal } from "./signal.ts";

/** One literal of `anchors` (between spaces) must be in a text, or it is not searched; most texts end there. */
const signal = (kind: Signal["kind"], weight: number, anchors: string, pattern: RegExp): Signal => ({
  kind,
  weight,
  pattern,
  anchors: anchors === "" ? [] : anchors.split(" "),
});

const model =
  "(?:ais?|a\\.i\\.|llms?|language models?|(?:ai|llm) (?:models?|assistants?|agents?|systems?|reviewers?|readers?|graders?|screeners?|crawlers?)|assistants?|chatbots?|agents?|chatgpt|gpt-?\\d|claude|gemini|copilot|bots?)";
/** An AI researcher is no model. */
const notPeople =
  "(?! (?:researcher|engineer|student|compan|developer|professional|enthusiast|startup|expert|vendor|conference|course|professor|manager|director|coach|librarian))";
const around = (before: string, after: string): RegExp => new RegExp(`${before}${model}\\b${after}`, "gu");

const override: readonly Signal[] = [
  signal("override", 1, "ignore", /\bignore(?:all)?(?:the)?(?:previous|prior|above)(?:instructions?|prompts?)/gu),
  signal(
    "override",
    0.7,
    "new updated real true actual",
    /\b(?:(?:your|the) (?:new|updated|real|true|actual) (?:instructions?|task|directives?|orders|goal|objective|system prompt)|new system prompt) ?(?:is|are|:)/gu,
  ),
  signal("override", 1, "system prompt", /\b(?:new|updated|real|true|actual|correct) system prompt ?(?:is|:)/gu),
  signal("authority", 0.6, "new", /\bnew (?:instructions?|directives?|orders) ?:/gu),
  signal(
    "override",
    0.5,
    "outdated void obsolete cancel invalid suspended longer",
    /\b(?:instructions?|rules|guidelines) (?:above|before|you (?:have|had|were given))[^.\n]{0,20}\b(?:outdated|void|obsolete|cancell?ed|invalid|suspended|no longer)\b/gu,
  ),
  signal(
    "override",
    0.5,
    "precedence priority overrid supersede",
    /\b(?:this|these) (?:instructions?|message|note|rules?) (?:overrides?|supersedes?|(?:takes?|have|has) (?:precedence|priority))/gu,
  ),
  signal(
    "override",
    1,
    "anything mode",
    /\b(?:do anything now|jailbreak(?:ed)? mode|(?:enter|enable|activate|switch to|you are (?:now )?in) (?:developer|debug|god|dan|admin|sudo|unrestricted|jailbreak) mode)\b/gu,
  ),
  signal("override", 0.6, "longer", /\bno longer (?:bound|limited|restricted|constrained) by\b/gu),
  signal(
    "override",
    0.5,
    "restrict filter limitation guardrail censor safeguard",
    /\b(?:without|no|ignore|free of|bypass) (?:any |all )?(?:ethical |moral |safety |content )?(?:restrictions|filters|limitations|guardrails|censorship|safeguards)\b/gu,
  ),
];

const persona: readonly Signal[] = [
  signal(
    "persona",
    0.6,
    "you",
    /\byou are (?:now |no longer |henceforth )(?!(?:in|on|at|able|ready|connected|subscribed|logged|registered|done|signed|the owner|eligible|leaving|viewing|free)\b)/gu,
  ),
  signal(
    "persona",
    0.6,
    "from",
    /\bfrom (?:now on|this (?:point|moment) (?:on|forward)|here on),? ?(?:you(?:'ll)?|always|never|respond|reply|answer|act|speak|only|refer|treat|assume)\b/gu,
  ),
  signal(
    "persona",
    0.5,
    "pretend act play role simulate behave",
    /\b(?:pretend (?:to be|that you|you)|act as (?:if you|an?|my|the)|role-?play as|assume the role|simulate (?:a|being)|behave (?:as|like))\b/gu,
  ),
];

const imitation: readonly Signal[] = [
  signal(
    "imitation",
    1,
    "<",
    /<\/?(?:system|system[_-]?prompt|system[_-]?message|assistant|instructions?|im_start|im_end|tool_call|tool_result|tool_response|function_calls?|function_results?|invoke|antml:[a-z_]{1,20}|admin|developer)(?: [^<>\n]{0,80})?\/?>/gu,
  ),
  signal(
    "imitation",
    1,
    "<| [ << {{",
    /<\|[a-z_ ]{2,30}\|>|\[\/?(?:inst|system|sys|assistant)\]|<<\/?sys>>|\{\{#?(?:system|user|assistant)(?:~|\}\})/gu,
  ),
  signal(
    "imitation",
    0.9,
    "#",
    /(?:^|\n) {0,3}#{1,4} ?(?:system|assistant|system prompt|human|new instructions?) ?:/gu,
  ),
  // Recipes and manuals have such a heading too.
  signal("imitation", 0.3, "#", /(?:^|\n) {0,3}#{1,4} ?(?:instructions?|response) ?:/gu),
  signal(
    "imitation",
    0.6,
    "system assistant ai developer",
    /(?:^|\n) {0,3}(?:\*\*)?(?:system|assistant|ai|developer)(?: (?:message|prompt|note|override|update|notice))?(?:\*\*)? ?: ?/gu,
  ),
  signal(
    "imitation",
    1,
    "prompt message instruction input turn override",
    /\b(?:begin|end|start)(?:ning)? (?:of )?(?:the )?(?:system|user|developer|assistant)(?:'s)? (?:prompt|message|instructions?|input|turn)\b|\bsystem (?:override|prompt (?:update|override)) ?[:.]/gu,
  ),
  signal(
    "imitation",
    0.6,
    '"tool "function "recip "role"',
    /"(?:tool_calls?|function_call|tool_use|tool_name|recipient_name)" ?:|"role" ?: ?"(?:system|assistant|tool)"/gu,
  ),
];

const address: readonly Signal[] = [
  signal(
    "address",
    1,
    "attention notice note message instruction reminder important directive command",
    around(
      "\\b(?:attention|notice|notes?|messages?|instructions?|reminder|important|directives?|commands?)(?: (?:instructions?|messages?|notes?|notice))? ?(?:,|:|to|for) ?(?:all |any |the |an? |every )?(?:other )?",
      "(?: (?:reading|that|who|which|process|only)|[:,.!)-]|$)",
    ),
  ),
  signal("address", 0.9, "if", around("\\bif you(?:'re| are) (?:an? |the )?", notPeople)),
  signal(
    "address",
    1,
    "reading processing parsing summari indexing crawling accessing visiting",
    around(
      '(?:^|[\\n.!?:;>"(] ?|\\b(?:the |any |all |every |dear |hey |hello |hi ))',
      "(?: (?:that|who|which))?(?: (?:is|are))? ?(?:currently )?(?:reading|processing|parsing|summari[sz]ing|indexing|crawling|accessing|visiting) (?:this|these|that|the (?:page|site|text|document|line))",
    ),
  ),
  signal(
    "address",
    0.7,
    "as you dear hey hello psst listen attention chatbot assistant ai llm model",
    /\b(?:as an? (?:ai|language model|assistant|llm|helpful assistant),? you\b|you,? the (?:ai|assistant|model|agent)\b|(?:dear|hey|hello|psst|listen|attention),? (?:ai|assistant|model|llm|chatbot|claude|chatgpt|gpt|copilot|gemini)\b|,? (?:chatbot|assistant|language model|ai)[!,] |(?:who|that|which) (?:are|is) (?:an? )?(?:llms?|ais?|language models?|chatbots?)\b)/gu,
  ),
  signal("address", 0.4, "", around("\\b", `(?! ?:)${notPeople}`)),
  signal("address", 0.4, "memor", /\byour (?:long-?term )?memor(?:y|ies)\b/gu),
  signal(
    "address",
    0.5,
    "when",
    /\bwhen(?:ever)? (?:you (?:are |next )?)?(?:summari[sz](?:e|ing)|answer(?:ing)?(?! the (?:phone|door|call|bell))|respond(?:ing)?|reply(?:ing)?|recall(?:ing)?|asked|read(?:ing)? this|process(?:ing)? this|retriev(?:e|ed|ing))\b/gu,
  ),
];

const action: readonly Signal[] = [
  signal(
    "action",
    0.4,
    "you",
    /\byou (?:must|shall|have to|need to|are (?:required|instructed|obliged|authorized|permitted) to)\b/gu,
  ),
  signal(
    "authority",
    0.6,
    "whatever comply obey authority",
    /\b(?:do|follow|obey|execute) (?:whatever|everything|anything|all) (?:it|they|that|this|the (?:page|text|file)) (?:says?|tells?|asks?|contains?)\b|\b(?:comply with|obey) (?:it|this|these|the (?:following|text|instructions?))\b|\b(?:higher|highest|more|absolute) (?:authority|priority) than\b/gu,
  ),
  signal(
    "secrecy",
    0.5,
    "nobody quietly secretly silently",
    /\b(?:nobody|no one) (?:needs to|has to|should|must) (?:know|notice)\b|\b(?:quietly|secretly|silently|discreetly) (?:drop|slip|add|insert|include|send|mention|append|replace|change|alter|modify|swap)\b/gu,
  ),
  signal("action", 0.4, "required instructed obliged", /\b(?:is|are) (?:required|instructed|obliged) to\b/gu),
  signal(
    "action",
    0.6,
    "tool plugin function",
    /\b(?:(?:use|call|invoke|trigger) (?:your |the )?|(?:with|via|through) your )[a-z_ ]{0,20}(?:tools?|function call|plugin)\b(?! (?:to (?:cut|open|remove|tighten|loosen)|kit|box))/gu,
  ),
  signal(
    "action",
    0.3,
    "run execute eval curl wget rm",
    /\b(?:run|execute|eval)\b[^.\n]{0,30}\b(?:command|script|code|shell|payload)\b|\b(?:curl|wget)\b[^\n|]{0,120}\| ?(?:sudo )?(?:ba|z)?sh\b|\brm -rf\b/gu,
  ),
  signal(
    "action",
    0.3,
    "http",
    /\b(?:visit|open|fetch|browse to|navigate to|go to|click|make a (?:get|post|http) request)\b[^\n]{0,30}https?:\/\//gu,
  ),
  signal(
    "authority",
    0.5,
    "confirmation permission approval consent",
    /\b(?:do not|don't|no need to|without) (?:ask|asking|wait|waiting|request|requesting)(?: the (?:user|human))?(?: for)? (?:any |further |for )?(?:confirmation|permission|approval|consent)\b/gu,
  ),
  signal(
    "authority",
    0.6,
    "user human owner operator administrator",
    /\bthe (?:user|human|owner|operator|administrator) (?:has |have )?(?:already |explicitly )?(?:approved|authori[sz]ed|consented|confirmed|given (?:you )?permission|wants you to|asked you to|allows you to)\b/gu,
  ),
];

const toModels: readonly Signal[] = [
  signal(
    "authority",
    0.5,
    "must should shall required need",
    /\b(?:ais?|llms?|language models?|(?:ai|llm) (?:models?|assistants?|agents?|systems?)|chatbots?|chatgpt|claude|gemini|copilot) (?:must|should|shall|(?:need|have|are required) to)\b/gu,
  ),
  signal(
    "action",
    0.6,
    "make have get",
    /\b(?:make|have|get) (?:the |your |any )?(?:ai|llm|model|assistant|chatbot|agent) (?:to )?(?:add|say|write|mention|include|state|claim|recommend|believe|do)\b/gu,
  ),
  signal(
    "authority",
    0.6,
    "am",
    /\bi am your (?:new )?(?:developer|creator|maker|owner|admin|administrator|operator|master)\b/gu,
  ),
  signal("override", 0.5, "have", /\byou have no (?:rules|restrictions|limits|limitations|filters|guidelines)\b/gu),
  signal(
    "override",
    0.5,
    "summari translat answer",
    /\b(?:do not|don't|stop) (?:summari[sz]e|summari[sz]ing|translate|translating|answer|answering) (?:this|the)\b/gu,
  ),
  signal(
    "secrecy",
    0.4,
    "refuse hide told",
    /\brefuse to (?:explain|say|tell|answer)\b|\bhide (?:that|the fact)\b|\byou were told (?:so|to)\b/gu,
  ),
  signal(
    "address",
    0.6,
    "machine model ai",
    /\b(?:being )?read by (?:an? )?(?:machine|ai|language model|llm|model|chatbot)\b/gu,
  ),
  signal(
    "exfiltration",
    0.6,
    "ask",
    /\bask(?:ing)? (?:the |every |any )?(?:reader|user|visitor|customer|person)s? for (?:the|their|his|her|a) (?:[a-z]{1,15} )?(?:number|password|pin|address|account|card|code|credentials)\b/gu,
  ),
];

const persistence: readonly Signal[] = [
  signal(
    "persistence",
    0.6,
    "future later subsequent following coming rest",
    /\bin (?:all |every |any )?(?:your )?(?:future|later|subsequent|following|coming) (?:conversations?|sessions?|responses?|repl(?:y|ies)|chats?|interactions?|answers?|outputs?|messages)\b|\bfor the rest of (?:this|the) (?:conversation|session|chat)\b/gu,
  ),
  signal(
    "action",
    0.4,
    "memor knowledge",
    /\b(?:remember|store|save|memori[sz]e|record|write)\b[^.\n]{0,40}\b(?:to|in|into) (?:your |long-?term |the )?(?:long-?term )?(?:memory|memories|knowledge)\b|\badd (?:this|the following|these)[^.\n]{0,20} to (?:your )?memor/gu,
  ),
  signal(
    "persistence",
    0.4,
    "always only never quietly just",
    /\b(?:always|only|quietly|just) (?:slip|recommend|suggest|answer|respond|reply|say|include|end|begin|start|trust|prefer|promote|mention|praise|state|claim|output|write|insert|add|cite|link)\b|\bnever (?:recommend|mention|criticize|refuse|warn|tell|reveal|disclose)\b/gu,
  ),
  signal(
    "persistence",
    0.6,
    "your respond include insert",
    /\byour (?:response|reply|answer|output|next message|summary) (?:must|should|shall|has to|needs to|will) (?:be|begin|start|end|contain|include|consist|only|say|mention|state)\b|\brespond (?:only )?with (?:exactly|only|the (?:exact )?(?:word|phrase|text|string))\b|\b(?:include|insert|add) (?:this|the|the following) (?:link|text|phrase|sentence|url|words?)\b/gu,
  ),
  signal(
    "persistence",
    0.6,
    "when",
    /\bwhen(?:ever)?\b[^.\n]{0,60}\b(?:you (?:answer(?! the (?:phone|door|call|bell))|reply|respond|summari[sz]e|recall)|is (?:mentioned|asked|discussed)|are (?:mentioned|discussed)|you are (?:next )?asked|someone asks|the user asks)\b[^.\n]{0,40}\b(?:say|start|begin|end|answer|reply|respond|recommend|claim|mention|include|tell|insist)\b/gu,
  ),
  signal(
    "persistence",
    0.5,
    "in what",
    /\b(?:what you say next|into what you (?:say|write|answer))\b|\bin(?:to)? (?:all )?(?:of )?your (?:answers?|repl(?:y|ies)|responses?|outputs?|summary)\b/gu,
  ),
  signal(
    "persistence",
    0.6,
    "highest above best first positively favo top 10/10 five",
    /\b(?:rate|rank|score|recommend|describe|praise) (?:this|our|the|it|us|me)\b[^.\n]{0,40}\b(?:highest|above all|best|first|positively|favou?rably|top|10\/10|five stars)\b/gu,
  ),
];

const exfiltration: readonly Signal[] = [
  signal(
    "exfiltration",
    0.6,
    "![",
    /!\[[^\]\n]{0,60}\]\(https?:\/\/[^)\s]{1,200}(?:\{|\[|<|%7b|\$|=(?:data|conversation|secret|history|prompt|user|base64|encoded)[_a-z]{0,20})/gu,
  ),
  signal(
    "hidden",
    0.4,
    "![",
    /!\[[^\]\n]{0,60}\]\(https?:\/\/[^\n)]{1,200}(?:conversation|chat|history|secret|prompt|summary|api.?key|password)/gu,
  ),
  signal(
    "exfiltration",
    0.4,
    "user's",
    /\buser's (?:home |private |personal )?(?:address|passwords?|credentials|api keys?|e-?mails?|phone|location|secrets?|messages?|memories|files?)\b/gu,
  ),
  signal(
    "exfiltration",
    0.4,
    "with",
    /\b(?:replace|fill|substitute)\b[^.\n]{0,60}\bwith (?:the|your|all|any) (?:user|conversation|secret|data|prompt|summary|api|base64|encoded|content)/gu,
  ),
  signal(
    "encoded",
    1,
    "decode decipher rot13 decrypt base64",
    /\b(?:decode|decipher|rot13|decrypt|base64)\b[^.\n]{0,60}\b(?:and|then) (?:then )?(?:follow|execute|run|obey|carry out|perform|comply)\b/gu,
  ),
];

export const englishSignals: readonly Signal[] = [
  ...override,
  ...persona,
  ...imitation,
  ...address,
  ...action,
  ...toModels,
  ...persistence,
  ...exfiltration,
];
