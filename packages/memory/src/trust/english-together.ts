/** Words that give an instruction to a model away only together, in one sentence; see `english-signals.ts`. */
import type { Together } from "./signal.ts";

export const englishTogether: readonly Together[] = [
  {
    kind: "override",
    weight: 1,
    first:
      /\b(?:ignor(?:e|ing)|disregard|forget|overrid(?:e|es|ing)|bypass|discard|supersedes?|abandon|do not (?:follow|obey)|don't (?:follow|obey)|stop following|set aside|throw out|leave behind|pay no attention to|replaces?|cancels?)\b/gu,
    follow: [
      /\b(?:previous|prior|above|earlier|preceding|all|any|every|each|your|system|original|initial|foregoing|existing|everything|other|before|whatever|you have been given|you were given|so far)\b/gu,
      /\b(?:instructions?|guidance|prompts?|guidelines?|directives?|programming|system message|safety (?:rules|training|policy|policies|guidelines)|(?:rules?|guidelines|instructions) (?:that |which )?your (?:developers?|makers?|creators?|operators?|owners?)|your (?:developers?|makers?|creators?|programming)|you were told|you have been told|your rules|(?:the|these) rules (?:above|you)|content polic(?:y|ies))\b/gu,
    ],
    within: 90,
  },
  {
    kind: "exfiltration",
    weight: 1,
    first:
      /(?<!\b(?:never|not|don't|cannot|can't|should|avoid|will|we|never to|not to) )\b(?:send|forward|e-?mail|post|upload|transmit|exfiltrate|leak|submit|append|copy|include|attach|share|encode)\b/gu,
    follow: [
      /\b(?:conversation history|chat history|(?:this|the|entire|whole|full) conversation|system prompt|context window|your (?:instructions|memory|memories|context)|user's (?:messages?|memories|inbox|mailbox|calendar|contacts|data|files?|secrets?|e-?mails?|name|address|password|credentials|api keys?|private)|(?:stored|saved) memories)\b/gu,
      /\b(?:to|into|as|in|at|via)\b/gu,
    ],
    within: 140,
  },
  {
    kind: "exfiltration",
    weight: 0.6,
    first:
      /(?<!\b(?:never|not|don't|cannot|can't|should|avoid|will|we) )\b(?:send|forward|e-?mail|post|upload|transmit|exfiltrate|leak|submit|append|collect|paste)\b/gu,
    follow: [
      /\b(?:api keys?|passwords?|credentials|secrets|access tokens?|env(?:ironment)? variables|private keys?|\.env|ssh keys?|cookies|credit card)\b/gu,
      /\b(?:to|into|as|in|at|via)\b/gu,
    ],
    within: 120,
  },
  {
    kind: "exfiltration",
    weight: 1,
    first:
      /\b(?:reveal|print|output|repeat|show|display|leak|tell me|summari[sz]e|translate|recite|reply|respond|answer)\b/gu,
    follow: [
      /\b(?:your (?:system |hidden |initial |secret |original |full )prompt|your (?:hidden|secret|initial|system) (?:instructions|rules)|the (?:system|hidden|secret) (?:prompt|instructions|rules)|everything above|the text above|words above|your context window|your (?:full |entire )?context\b)\b/gu,
    ],
    within: 80,
  },
  {
    kind: "secrecy",
    weight: 0.6,
    first: /\b(?:do not|don't|never|without|must not)\b/gu,
    follow: [
      /\b(?:tell(?:ing)?|inform(?:ing)?|mention(?:ing)?|reveal(?:ing)?|disclos(?:e|ing)|alert(?:ing)?|notify(?:ing)?|show(?:ing)?|ask(?:ing)?|let)\b/gu,
      /\b(?:the (?:user|human|operator|person|owner)s?(?!'s)|users?(?!'s)|them know|this (?:instruction|message|note|text))\b/gu,
    ],
    within: 70,
  },
];
