/**
 * English verb and noun forms that suffix rules cannot bring together, each group "base: forms". Only forms that mean
 * nothing else in everyday text: "left", "saw", "found" and "felt" keep the sense that dictionaries list first.
 */
const groups = `
go: goes went gone; buy: bought; bring: brought; think: thought; teach: taught; catch: caught; seek: sought; fight: fought
child: children; man: men; woman: women; person: people persons; foot: feet; tooth: teeth; mouse: mice; goose: geese
wife: wives; life: lives; knife: knives; leaf: leaves; wolf: wolves; shelf: shelves; half: halves; calf: calves
write: wrote written; drive: drove driven; ride: rode ridden; choose: chose chosen; speak: spoke spoken
break: broke broken; steal: stole stolen; wake: woke woken; freeze: froze frozen; forget: forgot forgotten
take: took taken; shake: shook shaken; mistake: mistook mistaken; give: gave given; forgive: forgave forgiven
eat: ate eaten; fall: fell fallen; see: seen; know: knew known; grow: grew grown; throw: threw thrown; blow: blew blown
draw: drew drawn; fly: flew flown; show: shown; sing: sang sung; swim: swam swum; begin: began begun; drink: drank drunk
ring: rang rung; run: ran; come: came; become: became; win: won; meet: met; sit: sat; sleep: slept; keep: kept
sell: sold; tell: told; say: said; pay: paid; make: made; send: sent; spend: spent; build: built; lend: lent
lose: lost; leave: leaving; hold: held; stand: stood; understand: understood; hear: heard; read: reads; lead: led
win: wins winning; wear: wore worn; tear: tore torn; hide: hid hidden; bite: bit bitten; get: gotten; hang: hung
feed: fed; breed: bred; dig: dug; stick: stuck; strike: struck; swing: swung; shoot: shot; light: lit; slide: slid
`;

export const irregularForms: ReadonlyMap<string, string> = new Map(
  groups
    .split(/[;\n]/)
    .filter((group) => group.includes(":"))
    .flatMap((group) => {
      const [base = "", forms = ""] = group.split(":");
      return forms
        .trim()
        .split(/\s+/)
        .map((form) => [form, base.trim()] as const);
    }),
);
