/** A glob as a test, in linear time: the pieces between stars must follow one another. */
export function globMatches(glob: string, name: string): boolean {
  const pieces = glob.split('*');
  const [first = ''] = pieces;
  const last = pieces.at(-1) ?? '';
  if (pieces.length === 1) return glob === name;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  let position = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, position);
    if (found < 0 || found + piece.length > name.length - last.length) return false;
    position = found + piece.length;
  }
  return true;
}

/** The same of a path: `*` stays within one name, `**` stands for any folders between. */
export const pathMatches = (glob: string, path: string): boolean =>
  // Two in a row say no more than one, and cost a power of the path's length.
  follow(
    glob.split('/').filter((name, index, all) => name !== '**' || all[index - 1] !== '**'),
    path.split('/'),
  );

function follow([name, ...names]: readonly string[], path: readonly string[]): boolean {
  if (name === undefined) return path.length === 0;
  if (name === '**') return [...path, ''].some((_, from) => follow(names, path.slice(from)));
  const [first, ...rest] = path;
  return first !== undefined && globMatches(name, first) && follow(names, rest);
}
