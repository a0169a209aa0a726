import { variableOf } from '../technologies/words.ts';

/** Values that stand beside one another in a file, by the names they would have as variables: `DATABASE_HOST`. */
export type FileGroup = ReadonlyMap<string, string>;

interface Frame {
  indent: number;
  name: string;
  values: Map<string, string>;
}

/** `key: value`, `key = value`, `'key' => value`, after the dash of a list where there is one. */
const entry = /^([ \t]*)(?:(-)[ \t]+)?["']?([A-Za-z_][\w./-]{0,127})["']?[ \t]*(?::=|=>|[:=])/;
const section = /^[ \t]*\[{1,2}[ \t]*["']?([\w. :-]{1,128})["']?[ \t]*\]{1,2}[ \t]*$/;
const longestLine = 8192;

/**
 * What stands beside what, in YAML, TOML, INI, properties and JSON that was printed line by line: read by indentation
 * and sections, as no one parser reads them all. Linear in the length of the text.
 */
export function groupsOf(lines: readonly string[]): FileGroup[] {
  const root: Frame = { indent: -2, name: '', values: new Map() };
  const groups: FileGroup[] = [root.values];
  let frames = [root];
  const open = (indent: number, name: string): Frame => {
    const frame = { indent, name, values: new Map<string, string>() };
    groups.push(frame.values);
    frames.push(frame);
    return frame;
  };
  for (const line of lines) {
    if (line.length > longestLine) continue;
    const [, heading] = section.exec(line) ?? [];
    if (heading !== undefined) {
      frames = [root];
      open(-1, heading);
      continue;
    }
    const found = entry.exec(line);
    if (!found) continue;
    const [head, blank = '', dash, key = ''] = found;
    frames = frames.filter(({ indent }) => indent < blank.length);
    if (dash) open(blank.length, frames.at(-1)?.name ?? '');
    const frame = frames.at(-1) ?? root;
    const rest = line.slice(head.length).trim().replace(/,$/, '');
    if (rest === '' || rest === '{' || rest === '[') open(blank.length + (dash ? 1 : 0), key);
    else if (rest.startsWith('{') && rest.endsWith('}')) addInline(open(blank.length, key), rest.slice(1, -1));
    else add(frame, key, rest);
  }
  return groups.filter(({ size }) => size > 0);
}

const add = (frame: Frame, key: string, value: string): void => {
  const name = frame.name === '' ? key : `${frame.name}.${key}`;
  frame.values.set(variableOf(name), plain(value));
};

/** `{ host: db, port: 5432 }` */
function addInline(frame: Frame, inside: string): void {
  for (const pair of inside.split(',')) {
    const found = entry.exec(pair);
    if (found) add(frame, found[3] ?? '', pair.slice(found[0].length).trim());
  }
}

/** Without its quotes, and without the remark after it. */
const plain = (value: string): string => {
  const quote = value[0];
  const end = quote === '"' || quote === "'" ? value.indexOf(quote, 1) : -1;
  return end > 0 ? value.slice(1, end) : (value.split(/\s#/, 1)[0] ?? '').trim();
};
