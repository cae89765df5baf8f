/**
 * English words that carry no topic of their own. Kept out of the index and of questions alike. Words that decide a
 * meaning on their own ("not", "before") are no topic either; what differs only in them is told apart elsewhere
 * (memory/duplicate.ts), not by search.
 */
const words = `
a about above after again against all also am an and any are as at be because been before being below between both but
by can could did do does doing done down during each few for from further get gets getting got had has have having he
her here hers herself him himself his how i if in into is it its itself just let lets me more most much must my myself
no nor not now of off on once only or other our ours ourselves out over own really same shall she should so some such
than that the their theirs them themselves then there these they this those through to too under until up us very was
we were what when where which while who whom whose why will with would you your yours yourself yourselves
im ive youre youve youd theyre theyve weve hes shes thats theres whats dont doesnt didnt isnt arent wasnt werent
couldnt wouldnt shouldnt havent hasnt hadnt
`;

export const stopWords: ReadonlySet<string> = new Set(words.split(/\s+/).filter((word) => word !== ""));
