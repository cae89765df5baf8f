/**
 * Where to cut a text of many wordpieces into chunks that the model reads at once.
 *
 * As few chunks as fit, of nearly equal length: a short last chunk would be a vector of a few stray words that matches
 * anything. Words are not cut in two, unless one of them is longer than three quarters of a chunk.
 *
 * Returns the end of each chunk, ascending, the last one being `count`; every chunk has 1 to `capacity` pieces.
 * `continuesWord(at)` tells whether piece `at` goes on with the word before it.
 */
export const chunkCuts = (
  count: number,
  capacity: number,
  continuesWord: (at: number) => boolean,
): readonly number[] => {
  const fewest = Math.ceil(count / capacity);
  // Moving a cut to a word's start can overfill the next chunk; then smaller chunks are tried. From a quarter of the
  // capacity on, only a word longer than the rest can be in the way. Steps of 1/64 keep huge texts cheap.
  for (let chunks = fewest; chunks <= fewest * 4; chunks += 1 + (chunks >> 6)) {
    const cuts = evenCuts(count, chunks, continuesWord);
    if (cuts.every((end, index) => end - (cuts[index - 1] ?? 0) <= capacity)) return cuts;
  }
  return Array.from({ length: fewest }, (_, index) => Math.min(count, (index + 1) * capacity));
};

/** At most `chunks` chunks: each even border is moved back to the start of the word that it falls in. */
const evenCuts = (count: number, chunks: number, continuesWord: (at: number) => boolean): readonly number[] => {
  const cuts: number[] = [];
  for (let chunk = 1; chunk < chunks; chunk += 1) {
    let cut = Math.round((chunk * count) / chunks);
    const previous = cuts.at(-1) ?? 0;
    while (cut > previous && continuesWord(cut)) cut -= 1;
    if (cut > previous) cuts.push(cut);
  }
  if (count > 0) cuts.push(count);
  return cuts;
};
