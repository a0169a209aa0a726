const pieces = /\*\*\/|\*\*|\*|\?|\{[^{}]*\}|[^*?{]+|\{/g;

/** Where a piece of a glob can end in a folder's path that begins at `from`. */
function endsOf(piece: string, folder: string, from: number): number[] {
  const upTo = (end: number): number[] => Array.from({ length: end - from }, (_, index) => from + index + 1);
  const slash = folder.indexOf('/', from);
  if (piece === '**/')
    return [from, ...(slash === from ? [] : upTo(folder.length).filter((at) => folder[at - 1] === '/'))];
  if (piece === '**') return upTo(folder.length);
  if (piece === '*') return upTo(slash < 0 ? folder.length : slash);
  if (piece === '?') return from < folder.length && slash !== from ? [from + 1] : [];
  const words = piece.endsWith('}') && piece.startsWith('{') ? piece.slice(1, -1).split(',') : [piece];
  return words.filter((word) => folder.startsWith(word, from)).map((word) => from + word.length);
}

/**
 * One glob of a workspace as npm and pnpm take it: `services/*`, `packages/**`, `{apps,libs}/*`. Not as a regular
 * expression: somebody else wrote it, and one with many stars would take for ever.
 */
function matches(glob: string, folder: string): boolean {
  let places = new Set([0]);
  for (const piece of glob.match(pieces) ?? [])
    places = new Set([...places].flatMap((from) => endsOf(piece, folder, from)));
  return places.has(folder.length);
}

const bare = (glob: string): string => glob.replace(/^\.?\//, '').replace(/\/$/, '');

/** Whether a workspace with these globs has the folder (from it, with `/`) as a member. A glob with `!` takes some out. */
export const listsFolder = (globs: readonly string[], folder: string): boolean =>
  globs.reduce(
    (listed, glob) =>
      glob.startsWith('!') ? listed && !matches(bare(glob.slice(1)), folder) : listed || matches(bare(glob), folder),
    false,
  );
