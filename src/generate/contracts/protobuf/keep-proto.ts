import type { FileDescriptorProto } from '@bufbuild/protobuf/wkt';
import type { Edit, LeftOut } from './cursor.ts';
import { ofTheRuntime } from './generate.ts';
import { link } from './link.ts';
import { type Import, type ParsedFile, parseProto } from './parse-proto.ts';
import { ProtoError } from './proto-error.ts';
import { standardFiles } from './standard-files.ts';

/** A contract as a service keeps it: with what it imports, and without what only other programs can read. */
export interface KeptProto {
  text: string;
  /** What it imports, and what that does, by the path under which it is imported then. */
  imports: ReadonlyMap<string, string>;
  /** Options that are left out: `(google.api.http)`. */
  leftOut: readonly string[];
}

/** The text of a file that is imported, by the path that the import says; undefined where there is none. */
export type FindProto = (path: string) => Promise<string | undefined>;

/** More is no contract that people read. */
const mostFiles = 200;

/** Where the imports of all clients lie, below contracts/: who imports the same has it once. */
const folder = 'clients/imports/';

/** One that is kept already stays where it is. */
const keptPath = (path: string): string => (path.startsWith(folder) ? path : folder + path);

interface Found extends ParsedFile {
  text: string;
  edits: Edit[];
  names: Set<string>;
}

/**
 * Collects what a contract needs. An import counts where a type of it is used: those that are there for options alone,
 * such as google/api/annotations.proto, need not be found, and are left out with the options.
 *
 * @param source what messages call the contract
 * @throws ProtoError where something is not there, or cannot be read
 */
export async function keepProto(text: string, source: string, find: FindProto): Promise<KeptProto> {
  const main = read(source, text);
  const found = new Map<string, Found>();
  const whyMissing = new Map<string, string>();
  const known = new Map<string, FileDescriptorProto>(ofTheRuntime);
  const lookFor = async ({ file }: Found): Promise<void> => {
    for (const path of file.dependency) {
      if (known.has(path) || whyMissing.has(path)) continue;
      const one = found.size < mostFiles ? await readImport(path, find) : `is more than the ${mostFiles} that are read`;
      if (typeof one === 'string') whyMissing.set(path, one);
      else {
        found.set(path, one);
        known.set(path, one.file);
        await lookFor(one);
      }
    }
  };
  await lookFor(main);

  const imports = new Map<string, string>();
  const names = new Set(main.names);
  const keep = (one: Found): string => {
    const used = link(one, known, { why: whyMissing, isForOptions: (path) => isForOptions(path, one.names) });
    for (const path of one.file.dependency.filter((each) => used.has(each))) {
      const imported = found.get(path);
      if (!imported || imports.has(keptPath(path))) continue;
      // Its place is kept before it is looked through: it may import itself, which is told of later.
      imports.set(keptPath(path), '');
      imports.set(keptPath(path), keep(imported));
      for (const name of imported.names) names.add(name);
    }
    return edited(one, used, (path) => found.has(path));
  };
  return { text: keep(main), imports, leftOut: [...names].sort() };
}

/** The imports of a contract that is kept already, by the path that each import says. */
export const keptImports = (text: string): string[] =>
  [...text.matchAll(/^[ \t]*import[ \t]+(?:public[ \t]+|weak[ \t]+)?["'](clients\/imports\/[^"'\n]+)["']/gm)].map(
    ([, path]) => path as string,
  );

/** `google/api/annotations.proto`, where `(google.api.http)` is used: packages and folders have the same names. */
const isForOptions = (path: string, names: ReadonlySet<string>): boolean => {
  const scope = `(${path.slice(0, path.lastIndexOf('/') + 1).replaceAll('/', '.')}`;
  return scope !== '(' && [...names].some((name) => name.startsWith(scope));
};

function read(name: string, text: string): Found {
  const leftOut: LeftOut = { edits: [], names: new Set() };
  return { ...parseProto(name, text, leftOut), ...leftOut, text };
}

/** @returns what is wrong with it, where it cannot be had */
async function readImport(path: string, find: FindProto): Promise<Found | string> {
  if (/^\/|\\|\0|^[A-Za-z]:/.test(path) || path.split('/').some((part) => ['', '.', '..'].includes(part)))
    return 'is no path below a folder of contracts';
  const text = (await find(path)) ?? standardFiles.get(path);
  if (text === undefined) return 'is not there';
  try {
    return read(path, text);
  } catch (error) {
    if (!(error instanceof ProtoError)) throw error;
    return `cannot be read (${error.place}: ${error.message})`;
  }
}

/** Its text without what is left out, and with its imports where they lie here. */
function edited({ text, file, imports, edits }: Found, used: ReadonlySet<string>, isFound: (path: string) => boolean) {
  const all = [...edits];
  for (const [index, path] of file.dependency.entries()) {
    const { statement, path: quoted } = imports[index] as Import;
    if (!used.has(path) && !ofTheRuntime.has(path)) all.push({ ...statement, text: '' });
    else if (isFound(path)) all.push({ ...quoted, text: JSON.stringify(keptPath(path)) });
  }
  let [result, at] = ['', 0];
  for (const edit of all.sort((a, b) => a.start - b.start)) {
    const { start, end } = withItsLine(text, edit);
    result += text.slice(at, start) + edit.text;
    at = end;
  }
  return result + text.slice(at);
}

/** A line that nothing is left of goes too, with one of the empty ones around it. */
function withItsLine(text: string, { start, end, text: put }: Edit): Pick<Edit, 'start' | 'end'> {
  const [lineStart, lineEnd] = [text.lastIndexOf('\n', start - 1) + 1, text.indexOf('\n', end)];
  const rest = text.slice(lineStart, start) + text.slice(end, Math.max(end, lineEnd));
  if (put !== '' || lineEnd < 0 || rest.trim() !== '') return { start, end };
  const isBetweenEmpty = text.slice(lineStart - 2, lineStart) === '\n\n' && text[lineEnd + 1] === '\n';
  return { start: lineStart, end: lineEnd + (isBetweenEmpty ? 2 : 1) };
}
