/** Characters that are worth a write of their own. */
const worthWriting = 64 * 1024;

/** Small pieces of text joined into larger ones, never into the whole. */
export function* inChunks(pieces: Iterable<string>): Generator<string> {
  let held = '';
  for (const piece of pieces) {
    held += piece;
    if (held.length < worthWriting) continue;
    yield held;
    held = '';
  }
  if (held !== '') yield held;
}
