import { isMap } from './write-json.ts';

/** One difference between two contracts, for whoever is built on the first. */
export interface Change {
  /** `POST /v1/orders request.items[].quantity` */
  place: string;
  what: string;
  /** True where somebody who keeps to the old contract could fail by the new one. */
  isBreaking: boolean;
}

/** `in`: others send it, so what was taken must still be. `out`: we send it, so nothing may come that could not come. */
export type Direction = 'in' | 'out';

type Schema = Record<string, unknown>;
/** Finds what a `$ref` of either side stands for. */
export type Resolve = (schema: unknown) => Schema;

interface Comparison {
  directions: readonly Direction[];
  before: Resolve;
  after: Resolve;
}

const plain: Resolve = (schema) => (isMap(schema) ? schema : {});

/** Words that say something to people and nothing to a validator. */
const remarks = ['$id', '$schema', 'title', 'description', 'default', 'examples', 'deprecated', '$comment'];
/** Looser means that more values fit. */
const lowerIsLooser = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const higherIsLooser = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];
const ownRules = ['type', 'enum', 'const', 'required', 'properties', 'items', 'additionalProperties', 'anyOf', 'oneOf'];

/** What changed between two JSON Schemas. What this does not understand counts as breaking. */
export function compareSchemas(
  before: unknown,
  after: unknown,
  place: string,
  how: Pick<Comparison, 'directions'> & Partial<Comparison>,
): Change[] {
  return compare(before, after, place, { before: plain, after: plain, ...how }, []);
}

function compare(rawBefore: unknown, rawAfter: unknown, place: string, how: Comparison, path: unknown[]): Change[] {
  const [before, after] = [how.before(rawBefore), how.after(rawAfter)];
  // A schema that refers to itself was compared further up.
  if (path.includes(before) || same(before, after)) return [];
  const inner = (a: unknown, b: unknown, at: string) => compare(a, b, at, how, [...path, before]);
  const loosens = how.directions.includes('out');
  const tightens = how.directions.includes('in');
  const changes: Change[] = [];
  const tell = (what: string, isBreaking: boolean, at = place) => changes.push({ place: at, what, isBreaking });

  const [kinds, newKinds] = [kindsOf(before), kindsOf(after)];
  for (const kind of newKinds.filter((one) => !isAmong(one, kinds))) tell(`may be ${kind} now`, loosens);
  for (const kind of kinds.filter((one) => !isAmong(one, newKinds))) tell(`may not be ${kind} any more`, tightens);

  for (const [words, isLooser] of [
    [lowerIsLooser, (a: number, b: number) => b < a],
    [higherIsLooser, (a: number, b: number) => b > a],
  ] as const) {
    for (const word of words.filter((one) => before[one] !== after[one])) {
      const [a, b] = [before[word], after[word]];
      const looser = b === undefined || (a !== undefined && isLooser(Number(a), Number(b)));
      tell(`${word} was ${a ?? 'open'} and is ${b ?? 'open'}`, looser ? loosens : tightens);
    }
  }

  const [fields, newFields] = [mapOf(before.properties), mapOf(after.properties)];
  const [required, newRequired] = [listOf(before.required), listOf(after.required)];
  for (const name of new Set([...Object.keys(fields), ...Object.keys(newFields)])) {
    const at = `${place}.${name}`;
    const mustBe = newRequired.includes(name);
    if (!(name in newFields)) tell('is gone', true, at);
    else if (name in fields) {
      if (required.includes(name) && !mustBe) tell('was always there and is optional', loosens, at);
      if (!required.includes(name) && mustBe) tell('was optional and is required', tightens, at);
      changes.push(...inner(fields[name], newFields[name], at));
    } else if (mustBe) tell('is new and required', tightens, at);
    else if (loosens && before.additionalProperties === false) {
      tell('is new, where nothing more was to come (additionalProperties: false)', true, at);
    } else tell('is new and optional', false, at);
  }
  compareOpenness(before.additionalProperties ?? true, after.additionalProperties ?? true);

  if (before.items !== undefined && after.items !== undefined) {
    changes.push(...inner(before.items, after.items, `${place}[]`));
  } else if (before.items !== undefined || after.items !== undefined) tell('says something else of its items', true);

  for (const word of ['anyOf', 'oneOf']) {
    const [a, b] = [listOf(before[word]), listOf(after[word])];
    if (a.length === b.length) {
      for (const [i, one] of a.entries()) changes.push(...inner(one, b[i], place));
    } else {
      const [gone, added] = [missing(a, b), missing(b, a)];
      if (gone > 0) tell(`has ${gone} alternatives less (${word})`, tightens || b.length === 0 || added > 0);
      if (added > 0) tell(`has ${added} alternatives more (${word})`, loosens || a.length === 0 || gone > 0);
    }
  }

  const known = [...remarks, ...lowerIsLooser, ...higherIsLooser, ...ownRules];
  const others = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((word) => !known.includes(word));
  for (const word of others.filter((one) => !same(before[one], after[one]))) tell(`${word} is another`, true);
  for (const word of remarks.filter((one) => !same(before[one], after[one]))) tell(`${word} is another`, false);
  return changes;

  function compareOpenness(a: unknown, b: unknown): void {
    if (same(a, b)) return;
    if (isMap(a) && isMap(b)) changes.push(...inner(a, b, `${place}.*`));
    else if (a === true || b === false) tell('takes less that is not named (additionalProperties)', tightens);
    else tell('takes more that is not named (additionalProperties)', loosens);
  }
}

/** What it may be, as far as types and listed values say: `string`, `"placed"`. */
function kindsOf(schema: Schema): string[] {
  if ('const' in schema) return [JSON.stringify(schema.const)];
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value));
  return schema.type === undefined ? ['anything'] : [schema.type].flat().map(String);
}

function isAmong(kind: string, kinds: readonly string[]): boolean {
  if (kinds.includes(kind) || kinds.includes('anything')) return true;
  if (kind === 'integer') return kinds.includes('number');
  if (/^["\d-]/.test(kind)) return kinds.includes(kind.startsWith('"') ? 'string' : 'number');
  return false;
}

const mapOf = (value: unknown): Schema => (isMap(value) ? value : {});
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const missing = (of: unknown[], from: unknown[]): number => of.filter((a) => !from.some((b) => same(a, b))).length;

/** Equal, whatever the order of keys. */
export const same = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);

/** The same text for the same value, whatever the order of its keys. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    isMap(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  ) ?? 'undefined';
