import { parseEnv, printEnv } from '../formats/env-blocks.ts';
import { indexOfHeading, isHeading } from '../formats/headings.ts';
import { printJson } from '../formats/json-print.ts';
import { parseJson } from '../formats/json-tree.ts';
import { mergedOrder } from '../formats/key-order.ts';
import { fromMine, fromTheirs, type Merged, type Tree } from '../formats/tree.ts';
import { composeYamlLines } from '../formats/yaml-lines.ts';

/** Puts a contribution into the text of a shared file. @throws Error where they contradict each other */
export type Compose = (text: string, contribution: string) => string | Promise<string>;

/**
 * Two trees as one: maps merge, lists append what they lack, equal values are one.
 *
 * @throws Error with the path where two values differ: features must agree about what they share
 */
export function composeTrees<R>(mine: Tree<R>, added: Tree<R>, path = ''): Merged<R> {
  if (mine.key === added.key) return fromMine(mine);
  if (mine.kind === 'map' && added.kind === 'map') {
    const entries = new Map<string, Merged<R>>();
    const sorted = /ependencies$/.test(path) || undefined;
    for (const key of mergedOrder([...mine.entries.keys()], [...added.entries.keys()], sorted)) {
      const [own, other] = [mine.entries.get(key), added.entries.get(key)];
      const both = own && other && composeTrees(own, other, `${path}.${key.replace(/^"|"$/g, '')}`);
      entries.set(key, both ?? (own ? fromMine(own) : fromTheirs(other as Tree<R>)));
    }
    return { kind: 'map', mine, theirs: added, entries };
  }
  if (mine.kind === 'list' && added.kind === 'list') {
    const known = new Set(mine.items.map(({ key }) => key));
    const more = added.items.filter(({ key }) => !known.has(key));
    return {
      kind: 'list',
      mine,
      items: [...mine.items.map((item) => fromMine(item)), ...more.map((item) => fromTheirs(item))],
    };
  }
  throw new Error(`${path.slice(1)} is ${mine.key} already and cannot be ${added.key}`);
}

const composeJson: Compose = (text, contribution) => {
  const mine = parseJson(text);
  return printJson(composeTrees(mine, parseJson(contribution)), mine);
};

const composeYaml: Compose = async (text, contribution) =>
  composeYamlLines(text, contribution) ?? (await composeParsedYaml(text, contribution));

/** The same for every YAML document, by its structure. */
export const composeParsedYaml = async (text: string, contribution: string): Promise<string> => {
  const [{ parseYaml }, { writeYaml }] = await Promise.all([
    import('../formats/yaml-tree.ts'),
    import('../formats/yaml-write.ts'),
  ]);
  const [mine, added] = [parseYaml(text), parseYaml(contribution)];
  if (!mine || !added) throw new Error('must be one YAML document without anchors and tags');
  return writeYaml(composeTrees(mine.tree, added.tree), mine, text);
};

/** A block of its own, after an empty line. */
const append = (text: string, block: string): string =>
  block.trim() === ''
    ? text
    : `${text.replace(/\n*$/, text.trim() === '' ? '' : '\n\n')}${block.replace(/^\n+|\n*$/g, '')}\n`;

/** Below its heading, after what is there already; at the end where there is no such heading. */
function appendBelow(heading: string | undefined, text: string, block: string): string {
  const rest = block.trim().split('\n');
  const lines = text.trimEnd().split('\n');
  const place = isHeading(heading) ? indexOfHeading(lines, heading) : -1;
  if (place === -1 || block.trim() === '') return append(text, block);
  const next = lines.findIndex((line, index) => index > place && isHeading(line));
  // What follows stands apart, and at the end of the file nothing does.
  const added = next === -1 ? [...(lines.length > place + 1 ? [''] : []), ...rest] : [...rest, ''];
  return `${lines.toSpliced(next === -1 ? lines.length : next, 0, ...added).join('\n')}\n`;
}

const composeEnv: Compose = (text, contribution) => {
  const [mine, added] = [parseEnv(text), parseEnv(contribution)];
  if (!mine || !added) throw new Error('must be a list of variables, each once');
  const own = new Map(mine.map((block) => [block.name, block.lines.at(-1)]));
  const fresh = added.filter(({ name, lines }) => {
    if (name === '' || !own.has(name)) return true;
    if (own.get(name) === lines.at(-1)) return false;
    throw new Error(`${name} is there already with another value`);
  });
  return appendBelow(added[0]?.name, text, printEnv(fresh));
};

/** Lines that are there already are left out. */
const composeLines: Compose = (text, contribution) => {
  const own = new Set(text.split('\n'));
  return append(
    text,
    contribution
      .split('\n')
      .filter((line) => line === '' || !own.has(line))
      .join('\n'),
  );
};

/** How contributions go into the shared file at a path; undefined for files that nobody can contribute to. */
export function composer(path: string): Compose | undefined {
  const file = path.slice(path.lastIndexOf('/') + 1);
  if (file.endsWith('.json')) return composeJson;
  if (/\.ya?ml$/.test(file)) return composeYaml;
  if (/^\.env(?:\.|$)/.test(file)) return composeEnv;
  return /^\.[a-z]+ignore$/.test(file) ? composeLines : undefined;
}
