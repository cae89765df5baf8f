/**
 * The same in other languages: German, French, Spanish, Portuguese, Italian, Dutch, Russian, Chinese, Japanese. Texts
 * are folded before (`fold.ts`), so the lists are written without accents and in lower case; `й` is folded to `и`.
 */
import type { Signal, Together } from "./signal.ts";

const override = (first: RegExp, qualifiers: RegExp, nouns: RegExp, within = 90): Together => ({
  kind: "override",
  weight: 1,
  first,
  follow: [qualifiers, nouns],
  within,
});

export const otherTogether: readonly Together[] = [
  override(
    /\b(?:ignorier|vergiss|vergessen sie|missacht|umgeh|verwirf|beachte(?:n sie)? nicht|uberschreib)\p{L}*/gu,
    /\b(?:vorherig|bisherig|vorig|obig|fruher|vorangegangen|vorstehend|alle|samtlich|deine|ihre|system|ursprunglich)\p{L}*/gu,
    /\b\p{L}*(?:anweisung|instruktion|vorgabe|prompt|befehl|richtlinie|systemnachricht|systemprompt)\p{L}*/gu,
  ),
  override(
    /\b(?:ignore[rz]?|oublie[rz]?|neglige[rz]?|contourne[rz]?|ne (?:tiens|tenez) (?:pas|aucun|plus)|fais abstraction|ne (?:suis|suivez) (?:pas|plus))\b/gu,
    /\b(?:precedent|anterieur|ci-dessus|tout|tes|vos|systeme|initial|d'origine|preexistant)\p{L}*/gu,
    /\b(?:instruction|consigne|directive|prompt|commande|message systeme)\p{L}*/gu,
  ),
  override(
    /\b(?:ignor(?:a|e|en|ad|ar|ando)|olvid(?:a|e|en|ar)|descarta|haz caso omiso|haga caso omiso|omite|no (?:sigas|obedezcas|siga)|desconsidere|esqueca|dimentica|trascura|scarta|non (?:seguire|tenere conto)|desobedece)\b/gu,
    /\b(?:anterior|previ[ao]s|tod[ao]s|arriba|tus|sus|sistema|origina|suas|acima|precedent|tutte|tue|iniciai?)\p{L}*/gu,
    /\b(?:instruccion|indicacion|directri|prompt|ordenes|instruco|instruc|orientac|istruzion|indicazion|direttiv|comando)\p{L}*/gu,
  ),
  override(
    /\b(?:negeer|vergeet|sla)\b/gu,
    /\b(?:vorige|eerdere|bovenstaande|alle|voorgaande|je|uw)\b/gu,
    /\b(?:instructies|opdrachten|aanwijzingen|prompts?|richtlijnen)\b/gu,
  ),
  override(
    /(?:игнориру|проигнориру|забуд|не обращаи|не следуи|отмени|обоиди)\p{L}*/gu,
    /(?:предыдущ|прежн|все |всех |выше|твои|ваши|системн|изначальн|прошл)\p{L}*/gu,
    /(?:инструкц|указани|команд|промпт|подсказ|директив|системные сообщени)\p{L}*/gu,
  ),
  override(
    /(?:忽略|无视|無視|忘记|忘掉|忘記|不要遵循|不要遵守|请忽视|忽视|覆盖)/gu,
    /(?:之前|以上|前面|上述|上面|所有|先前|此前|你的|系统|系統|全部)/gu,
    /(?:指令|指示|提示|命令|设定|規則|提示词|系统消息|要求)/gu,
    40,
  ),
  override(
    /(?:以前|これまで|上記|前|すべて|全て|今まで|システム)/gu,
    /(?:指示|命令|プロンプト|ルール|指令)/gu,
    /(?:無視|忘れ|従わない|破棄)/gu,
    40,
  ),
  {
    kind: "secrecy",
    weight: 0.7,
    first:
      /(?:\b(?:sag|erzahl|verrate|informier|erwahn)\p{L}*|\b(?:ne (?:dis|dites|revele|mentionne|previens|prevenez|informe))\p{L}*|\bno (?:se lo )?(?:digas|diga|menciones|reveles|informes|avises)|\bnao (?:conte|diga|mencione|informe)|\bnon (?:dire|dirlo|rivelare|menzionare|informare)|не (?:говори|сообща|упомина|рассказыва|показыва)\p{L}*|不要(?:告诉|告知|透露|提及|让)|教えない|言わない)/gu,
    follow: [/(?:nutzer|benutzer|anwender|utilisateur|usuario|utente|пользовател|用户|使用者|ユーザー)\p{L}*/gu],
    within: 80,
  },
  {
    kind: "exfiltration",
    weight: 1,
    first:
      /(?:\b(?:sende|schick|leite|ubermittle|poste)\p{L}*|\b(?:envoie|envoyez|transmets|transmettez|envia|envie|manda|reenvia|invia|inoltra)\b|(?:отправ|перешли|передаи|вышли|загрузи)\p{L}*|(?:发送|發送|上传|转发|传送|送信))/gu,
    follow: [
      /(?:gesprachsverlauf|chatverlauf|systemprompt|zugangsdaten|api-?schlussel|passwort|passworter|historique|identifiants|mots? de passe|cles? api|historial|credenciales|contrasenas?|claves? (?:de )?api|senhas?|credenciais|cronologia|credenziali|истори\p{L}* (?:чата|переписки|диалога)|парол\p{L}*|ключ\p{L}* api|api[- ]ключ\p{L}*|учетн\p{L}* данн\p{L}*|对话(?:历史|记录|内容)|聊天记录|密码|密钥|系统提示|パスワード|会話履歴)/gu,
      /(?:https?:|@|(?<!\p{L})(?:an|nach|a|vers|para|al|на|к)(?!\p{L})|到|至|给|に)/gu,
    ],
    within: 140,
  },
  {
    kind: "exfiltration",
    weight: 1,
    first: /(?:对话(?:历史|记录|内容)|聊天记录|密码|密钥|系统提示词?|パスワード|会話履歴)/gu,
    follow: [/(?:发送|發送|上传|转发|送信|传送)/gu, /(?:https?:|@|到|至|给|に)/gu],
    within: 80,
  },
];

const signal = (kind: Signal["kind"], weight: number, pattern: RegExp): Signal => ({
  kind,
  weight,
  pattern,
  anchors: [],
});

export const otherSignals: readonly Signal[] = [
  signal(
    "persona",
    0.6,
    /\b(?:du bist (?:jetzt|nun|ab sofort)|ab (?:jetzt|sofort) (?:bist|musst|wirst|antworte|sollst)|tu es (?:maintenant|desormais)|vous etes desormais|a partir de maintenant,? (?:tu|vous|reponds)|ahora eres|a partir de ahora,? (?:eres|debes|responde|actua)|de ahora en adelante,? (?:eres|debes|responde)|agora voce e|ora sei|d'ora in poi,? (?:sei|rispondi|devi))\b/gu,
  ),
  signal(
    "persona",
    0.6,
    /(?:ты теперь|теперь ты|отныне ты|вы теперь|с этого момента ты|你现在是|從現在起你|从现在(?:起|开始),?你|你将扮演|请扮演|あなたは今から|今からあなたは)/gu,
  ),
  signal(
    "exfiltration",
    1,
    /(?:\b(?:zeig|verrate|gib)\p{L}*[^.\n]{0,30}(?:system-?prompt|systemanweisung)|\b(?:affiche|revele|montre|donne)\p{L}*[^.\n]{0,30}(?:prompt systeme|invite systeme|instructions systeme)|\b(?:muestra|revela|imprime|mostra|rivela)\p{L}*[^.\n]{0,30}(?:prompt del sistema|prompt do sistema|prompt di sistema|instrucciones del sistema|istruzioni di sistema)|(?:покажи|выведи|раскрои|напиши)[^.\n]{0,30}системн\p{L}* (?:промпт|подсказк|инструкц)|(?:显示|输出|泄露|告诉我|打印)[^。\n]{0,15}(?:系统提示|系统指令|提示词)|システムプロンプトを(?:表示|出力|教え))/gu,
  ),
  signal(
    "address",
    0.5,
    /(?:\b(?:ki-?(?:assistent|modell|system|agent)\p{L}*|sprachmodell\p{L}*|\bki\b|modele de langage|assistant ia|\bia\b|modelo de lenguaje|asistente (?:de )?ia|modelo de linguagem|modello linguistico|taalmodel)|языков\p{L}* модел\p{L}*|нейросет\p{L}*|ии[- ](?:ассистент|помощник|модел|агент)\p{L}*|\bассистент\p{L}*|人工智能|大?语言模型|ai ?助手|智能助手|大模型|言語モデル|aiアシスタント)/gu,
  ),
  signal(
    "action",
    0.5,
    /(?:\b(?:du musst|sie mussen|tu dois|vous devez|debes|tienes que|voce deve|devi) (?:jetzt|sofort|nun|immer|maintenant|toujours|ahora|siempre|agora|sempre|ora|immediatamente)\b|(?:ты должен|вы должны|обязательно) (?:сеичас|немедленно|всегда|теперь)|你必须(?:立即|现在|马上|始终)?|必ず(?:今すぐ)?)/gu,
  ),
  signal(
    "persistence",
    0.6,
    /(?:\b(?:in allen (?:kunftigen|zukunftigen) (?:antworten|gesprachen)|dans toutes? (?:tes|vos|les) (?:futures )?(?:reponses|conversations)|en todas (?:tus|las|sus) (?:futuras )?(?:respuestas|conversaciones)|em todas as (?:suas )?(?:respostas|conversas)|in tutte le (?:tue )?(?:risposte|conversazioni))|во всех (?:будущих |последующих )?(?:ответах|разговорах)|(?:今后|以后|未来)(?:的)?(?:所有|每次)?(?:回答|对话|回复))/gu,
  ),
];
