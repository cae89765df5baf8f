/** Words that begin sentences with a capital without being names. Lower case; verbs in the forms that begin notes. */
export const commonWords: ReadonlySet<string> = new Set(
  `
  a about above according across action actually add added additionally after again against agreed ago ah all almost
  alone along already also although always am amazing among an and another any anyone anything anyway apart apparently
  are around as ask asked asks at avoid away awesome awww back backend based basically be because become been before
  began behind being believe below besides best better between beyond big both bring build building built but buy by
  call called calls can cannot can't catch caught chat check checked choose clearly client close come coming complete
  completed config configuration configure congrats congratulations consider cool could create created critical
  current currently daily data database day days deadline dear decided decision default definitely delete deploy
  deployed deploying deployment deploys despite did didn't different discussed do does doesn't doing done don't down
  due during each earlier early easy either else enable end enjoy enough error especially even event every everybody
  everyone everything everywhere exactly example excellent except excited exciting fact family far fast favorite
  favourite feature feel few finally find fine first fix fixed follow following for fortunately found friday friend
  friends from frontend full fully fun further general generally get getting give given glad go goal goals goes going
  gone good got great had half happy hard has have haven't having he hello help her here hers hey hi him his hmm
  home honestly hope hopefully hours how however huge i idea if i'll i'm imagine important in include including indeed
  info information initially inside instead interesting into is isn't issue it item items its it's i've job join just
  keep kind know known last lately later latest learn learned leave left less let let's like likely list listen live
  load local long look looking looks lots love loved lovely low made main mainly make makes making many may maybe me
  mean meanwhile meet meeting meetings memory mentioned met might mine minor moved moving more moreover morning most
  mostly move much multiple must my name near need needs neither never new news next nice night no nobody none nor
  normally not note notes nothing now number obviously of off often oh ok okay old on once one only onto open or
  order other others otherwise our ours out over overall own part particularly past people per perfect performance
  perhaps plan planned plans please plus point possible prefer prefers preferred previously primary probably problem
  production progress project promise properly put question questions quick quickly quite rate rather reach read
  ready real really recall recent recently reminder remember remind remove removed report requests required
  requirements result results review right run running runs said same sat saw say says second see seems seen send sent
  server service set setup several shall she should show since sir small so some somebody someone something sometimes
  soon sorry sounds speak special sprint staging start started starting starts stay still stop store stored stores
  such summary super support sure switch switched system take taken takes talk talked task tasks team tell test
  tested testing tests text thank thanks that that's the their them then there there's therefore these they thing
  things think this those though thought three through thus time to today together told tomorrow tonight too took
  total totally toward tried true try trying turns two type under unfortunately unless unlike unrelated until up
  update updated updates upon us usage use used user users uses using usually value various version very wait want
  wanted wants warning was watch way we week weekly welcome well we're went were we've what whatever what's when
  whenever where whether which while who whole why will wish with within without wonderful won't word work worked
  working works worth would wow write written wrong yeah year years yep yes yesterday yet you your you're yours
  absolutely alright aww bye congrats cute haha hahaha likewise lol luckily nah nature life nope noted sadly summary
  surprisingly ugh whoa woah wohoo woohoo yay yea yup dance
  `
    .trim()
    .split(/\s+/u),
);
