const pieces = /\*\*\/|\*\*|\*|\?|\{[^{}]*\}|[^\w/-]/g;

/** One glob of a workspace as npm and pnpm take it: `services/*`, `packages/**`, `{apps,libs}/*`. */
function asRegExp(glob: string): RegExp {
  const pattern = glob.replace(pieces, (piece) => {
    if (piece === '**/') return '(?:[^/]+/)*';
    if (piece === '**') return '.+';
    if (piece === '*') return '[^/]+';
    if (piece === '?') return '[^/]';
    if (piece.startsWith('{') && piece.length > 1) return `(?:${piece.slice(1, -1).split(',').map(escaped).join('|')})`;
    return escaped(piece);
  });
  return new RegExp(`^${pattern}$`);
}

const escaped = (text: string): string => text.replace(/[^\w/-]/g, '\\$&');

const bare = (glob: string): string => glob.replace(/^\.?\//, '').replace(/\/$/, '');

/** Whether a workspace with these globs has the folder (from it, with `/`) as a member. A glob with `!` takes some out. */
export const listsFolder = (globs: readonly string[], folder: string): boolean =>
  globs.reduce(
    (listed, glob) =>
      glob.startsWith('!')
        ? listed && !asRegExp(bare(glob.slice(1))).test(folder)
        : listed || asRegExp(bare(glob)).test(folder),
    false,
  );
