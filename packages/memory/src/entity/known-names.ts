/** Small gazetteers, lower case: enough to type the names that memories mention most, not to know the world. */
const list = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s*,\s*|\n\s*/u));
const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/u));

export const firstNames = words(`
  aaron adam adrian aisha alan albert alex alexander alexandra alice alison amanda amelia amy ana andrea andrew andy
  angela anita ann anna anne anthony antonio arthur audrey barbara becky ben benjamin beth betty bob bill billy brandon
  brian bruce calvin camila carl carla carlos carol caroline catherine charles charlie charlotte chen chloe chris
  christian christina christine christopher claire clara clark craig cynthia dan daniel daniela dave david deborah
  debbie dennis diana diego donald donna dorothy doug douglas dylan edward elena eli elizabeth ella ellen emily emma
  eric erik erin ethan eva evan evelyn fatima felix fernando fiona frank fred gabriel gary george gina giulia gloria
  grace greg gregory hana hannah harold harry hassan heather heidi helen henry hiro hugo ian ibrahim ines ingrid irene
  isaac isabel isabella ivan jack jackie jacob jake james jamie jan jane janet jason javier jean jeff jeffrey jen
  jennifer jenny jeremy jerry jesse jessica jill jim jimmy joan joanna joe john johnny jolene jon jonathan jordan jorge
  jose joseph josh joshua juan judith judy julia julian julie justin karen karl kate katherine kathy katie keith kelly
  ken kenneth kevin kim kyle larry laura lauren lee leo leonard leslie li liam lily linda lisa liz louis lucas lucy luis
  luke luna lynn mabel madison marco marcus margaret maria marie mario marta martha martin mary mateo matt matthew max
  megan mei mel melanie melissa mia michael michelle miguel mike mohammed muhammad monica nadia nancy naomi natalie nate
  nathan nicholas nick nicole nina noah nora oliver olivia omar oscar pablo pamela pat patricia patrick paul paula pedro
  peter phil philip priya rachel raj ralph ravi ray raymond rebecca ricardo richard rick rita rob robert roberto robin
  roger ron ronald rosa rose roy russell ruth ryan sam samantha samuel sandra sara sarah scott sean sebastian sergei
  shane sharon shawn simon sofia sophia sophie stefan stella stephanie stephen steve steven sue susan suzanne tara ted
  teresa terry theo theresa thomas tiffany tim timothy tina todd tom tomas tony tracy tyler valentina vanessa vera
  veronica victor victoria vincent virginia vivian walter wang wayne wei wendy william yuki yusuf zach zoe
`);
/** First names that are also common words: a name only when capitalised inside a sentence or before a surname. */
export const doubtfulNames = words(
  "may mark will bill rose grace hope faith joy art frank jack pat rob sue ray max drew dean miles chase grant penny june april august summer dawn eve ivy lily olive jean jan",
);

export const titles = words("dr mr mrs ms miss prof professor sir madam rev judge captain president senator doctor");

export const places = list(`
  afghanistan, argentina, australia, austria, bangladesh, belgium, brazil, bulgaria, canada, chile, china, colombia
  croatia, cuba, czechia, denmark, egypt, england, estonia, ethiopia, finland, france, germany, ghana, greece, hungary
  iceland, india, indonesia, iran, iraq, ireland, israel, italy, jamaica, japan, kenya, latvia, lithuania, luxembourg
  malaysia, mexico, morocco, nepal, netherlands, new zealand, nigeria, norway, pakistan, peru, philippines, poland
  portugal, romania, russia, saudi arabia, scotland, serbia, singapore, slovakia, slovenia, south africa, south korea
  spain, sweden, switzerland, taiwan, thailand, tunisia, turkey, uk, ukraine, united kingdom, united states
  united states of america, usa, us, uruguay, venezuela, vietnam, wales
  africa, asia, europe, north america, south america, antarctica, alaska, arizona, bavaria, california, catalonia
  colorado, florida, hawaii, illinois, massachusetts, michigan, nevada, ohio, ontario, oregon, quebec, texas, tuscany
  utah, washington, amsterdam, athens, atlanta, auckland, austin, bangalore, bangkok, barcelona, beijing, berlin, bern
  bogota, boston, brisbane, brooklyn, brussels, bucharest, budapest, buenos aires, cairo, cape town, chicago, cologne
  copenhagen, dallas, delhi, denver, detroit, dubai, dublin, edinburgh, frankfurt, geneva, glasgow, hamburg, hanoi
  helsinki, hong kong, houston, istanbul, jakarta, jerusalem, johannesburg, karachi, kyiv, kyoto, lagos, las vegas
  leipzig, lima, lisbon, liverpool, london, los angeles, lyon, madrid, manchester, manhattan, manila, marseille
  melbourne, mexico city, miami, milan, montreal, moscow, mumbai, munich, nairobi, naples, new delhi, new orleans
  new york, new york city, nyc, osaka, oslo, ottawa, paris, philadelphia, phoenix, portland, prague, rio de janeiro
  riyadh, rome, rotterdam, san diego, san francisco, san jose, santiago, sao paulo, são paulo, seattle, seoul, shanghai
  shenzhen, silicon valley, sofia, stockholm, stuttgart, sydney, taipei, tallinn, tel aviv, tokyo, toronto, valencia
  vancouver, venice, vienna, warsaw, zagreb, zurich, zürich
  москва, россия, киев, берлин, лондон, париж, санкт-петербург, αθήνα, ελλάδα
`);
export const cjkPlaces = list(
  "中国, 日本, 美国, 韓国, 北京, 上海, 东京, 東京, 大阪, 京都, 深圳, 广州, 香港, 台湾, 台北, 英国, 法国, 德国, 伦敦, 巴黎",
);

export const organizations = list(`
  airbnb, alibaba, alphabet, amazon, amd, anthropic, apple, bbc, bmw, boeing, bosch, cisco, cloudera, cnn, coinbase
  congress, dell, deepmind, disney, ebay, ericsson, eu, european union, facebook, fbi, fedex, ford, gartner, google, harvard
  honda, hp, huawei, ibm, ikea, intel, lenovo, linkedin, lyft, mcdonald's, meta, microsoft, mit, mozilla, nasa, nato
  netflix, nike, nintendo, nokia, nvidia, openai, oracle, oxford, palantir, paypal, philips, qualcomm, reddit, samsung
  sap, salesforce, shopify, siemens, sony, spacex, spotify, stanford, starbucks, stripe, tencent, tesla, toyota, twitter
  uber, un, unicef, united nations, verizon, visa, volkswagen, walmart, yahoo, yandex, яндекс, сбербанк
`);
/** Ends of names that tell an organisation. */
export const organizationEnds = words(
  "inc ltd llc corp corporation gmbh ag plc co company university institute bank foundation hospital school college agency labs lab group team department committee council association church museum partners holdings studios airlines ministry",
);
export const placeEnds = words(
  "street st avenue ave road rd boulevard city town village river lake mountain mountains park island islands beach airport square station bridge valley bay county neighborhood hill hills coast ocean sea forest desert",
);
