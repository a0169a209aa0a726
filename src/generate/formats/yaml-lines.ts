import { indexOfHeading, isHeading } from './headings.ts';

/** A key or a list item with the lines that belong to it. */
interface Entry {
  /** Empty for a list item. */
  key: string;
  /** Comments and empty lines above it. */
  lead: string[];
  head: string;
  /** Everything under it, deeper than itself. */
  body: string[];
}

interface Block {
  indent: number;
  entries: Entry[];
  /** Comments and empty lines after the last entry. */
  tail: string[];
}

const keyLine = /^ *([A-Za-z0-9_./-]+|"[^"\\]+"):(?: .*)?$/;
const itemLine = /^ *- /;
// Several documents, tabs, anchors, aliases, tags: not for line work.
const unusual = /^(?:---|\.\.\.|%)|^ *\t|(?:^|[\s:[{,-])[&*!][A-Za-z]/m;

const indentOf = (line: string): number => line.length - line.trimStart().length;
const isContent = (line: string): boolean => !/^ *(?:#|$)/.test(line);
const opensBody = (head: string): boolean => /:\s*(?:#.*)?$/.test(head);

/** The entries of one level; undefined where it is written in a way that lines do not tell. */
function readBlock(lines: readonly string[]): Block | undefined {
  const first = lines.find(isContent);
  if (first === undefined) return undefined;
  const indent = indentOf(first);
  const entries: Entry[] = [];
  let waiting: string[] = [];
  for (const line of lines) {
    const last = entries.at(-1);
    const isDeeper = line !== '' && indentOf(line) > indent;
    // A list may stand as far left as the key that it belongs to.
    const isItemOfKey = last !== undefined && last.key !== '' && itemLine.test(line) && opensBody(last.head);
    if (last && (isDeeper || (isItemOfKey && indentOf(line) === indent))) {
      last.body.push(...waiting, line);
      waiting = [];
    } else if (!isContent(line)) {
      waiting.push(line);
    } else {
      const key = keyLine.exec(line)?.[1];
      if (indentOf(line) !== indent || (key === undefined && !itemLine.test(line))) return undefined;
      entries.push({ key: key?.replaceAll('"', '') ?? '', lead: waiting, head: line, body: [] });
      waiting = [];
    }
  }
  const isMap = entries.every(({ key }) => key !== '');
  const isList = entries.every(({ key }) => key === '');
  const isUnique = new Set(entries.map(({ key }) => key)).size === entries.length;
  return (isMap && isUnique) || isList ? { indent, entries, tail: waiting } : undefined;
}

const shifted = (lines: readonly string[], by: number): string[] =>
  lines.map((line) =>
    line === '' ? line : by >= 0 ? ' '.repeat(by) + line : line.slice(Math.min(-by, indentOf(line))),
  );

const withoutComment = (head: string): string => (/["']/.test(head) ? head : head.replace(/\s+#.*$/, ''));

const textOf = ({ lead, head, body }: Entry): string[] => [...lead, head, ...body];

function appended(mine: Block, entry: Entry, by: number): Entry {
  const spaced = mine.entries.length > 1 && mine.entries.slice(1).every(({ lead }) => lead.includes(''));
  const lead = shifted(entry.lead, by).filter((line) => line !== '');
  return {
    key: entry.key,
    lead: spaced ? ['', ...lead] : lead,
    head: shifted([entry.head], by).join(),
    body: shifted(entry.body, by),
  };
}

/** Puts an entry below its heading, after what is there already; at the end where the block has no such heading. */
function insert(block: Block, entry: Entry, heading: string | undefined): Block {
  const { entries, tail } = block;
  const atEnd = { ...block, entries: [...entries, entry] };
  if (heading === undefined) return atEnd;
  const leads = [...entries.map(({ lead }) => lead), tail];
  const owner = leads.findIndex((lead) => indexOfHeading(lead, heading) !== -1);
  const lead = leads[owner];
  if (!lead) return atEnd;
  const end = indexOfHeading(lead, heading) + 1;
  if (lead.slice(end).some(isHeading) || owner === entries.length) {
    // Nothing is below it yet.
    const first = { ...entry, lead: [...lead.slice(0, end), ...entry.lead] };
    const next = entries[owner];
    const after = next ? [{ ...next, lead: lead.slice(end) }, ...entries.slice(owner + 1)] : [];
    return { ...block, entries: [...entries.slice(0, owner), first, ...after], tail: next ? tail : lead.slice(end) };
  }
  const next = entries.findIndex((other, index) => index > owner && other.lead.some(isHeading));
  return { ...block, entries: entries.toSpliced(next === -1 ? entries.length : next, 0, entry) };
}

function compose(mineLines: readonly string[], addedLines: readonly string[]): string[] | undefined {
  const [mine, added] = [readBlock(mineLines), readBlock(addedLines)];
  if (!mine || !added || (mine.entries[0]?.key === '') !== (added.entries[0]?.key === '')) return undefined;
  const by = mine.indent - added.indent;
  const plain = ({ head, body }: Entry, shift: number): string =>
    shifted([withoutComment(head), ...body], shift)
      .join('\n')
      .trimEnd();
  const known = new Set(mine.entries.map((entry) => plain(entry, 0)));
  let block = mine;
  let heading: string | undefined;
  for (const { lead, ...entry } of added.entries) {
    const own = lead.find(isHeading);
    heading = own ?? heading;
    const plainLead = { ...entry, lead: lead.filter((line) => line !== own) };
    if (known.has(plain(plainLead, by))) continue;
    const place = entry.key === '' ? -1 : block.entries.findIndex(({ key }) => key === entry.key);
    const present = block.entries[place];
    if (!present) {
      block = insert(block, appended(mine, plainLead, by), heading);
      continue;
    }
    if (!opensBody(present.head) || !opensBody(entry.head)) return undefined;
    const body = compose(present.body, entry.body);
    if (!body) return undefined;
    block = { ...block, entries: block.entries.with(place, { ...present, body }) };
  }
  return [...block.entries.flatMap(textOf), ...block.tail];
}

/**
 * A contribution put into a YAML text line by line: new keys and items at the end of where they belong, everything else
 * as it stands. Undefined where that cannot be told from the lines alone (flow style, values that differ, anchors): then
 * the document must be understood. This keeps formatting, and spares every new service the loading of a parser.
 */
export function composeYamlLines(text: string, contribution: string): string | undefined {
  if (unusual.test(text) || unusual.test(contribution)) return undefined;
  const lines = compose(text.replace(/\n+$/, '').split('\n'), contribution.replace(/\n+$/, '').split('\n'));
  return lines && `${lines.join('\n').replace(/\n+$/, '')}\n`;
}
