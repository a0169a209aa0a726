import { isMap, mapOf } from './write-json.ts';

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

/** A comparison under way. */
interface Walk {
  /** What was compared already, by what it was before. */
  seen: Map<Schema, Set<Schema>>;
  depth: number;
  /** Too deep within, and compared at the end: a long chain of references would take more stack than there is. */
  waiting: (() => Change[])[];
}

const deepest = 200;

interface Comparison {
  directions: readonly Direction[];
  before: Resolve;
  after: Resolve;
}

/** A schema may be a word: `true` takes anything, `false` nothing. */
export const plain: Resolve = (schema) => (schema === false ? { not: {} } : mapOf(schema));

/** Words that say something to people and nothing to a validator. */
const remarks = ['$id', '$schema', 'title', 'description', 'default', 'examples', 'deprecated', '$comment'];
/** Looser means that more values fit. */
const lowerIsLooser = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const higherIsLooser = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];
const combined = ['allOf', 'anyOf', 'oneOf'];
const ownRules = ['type', 'enum', 'const', 'required', 'properties', 'items', 'additionalProperties', ...combined];

/** What changed between two JSON Schemas. What this does not understand counts as breaking. */
export function compareSchemas(
  before: unknown,
  after: unknown,
  place: string,
  how: Pick<Comparison, 'directions'> & Partial<Comparison>,
): Change[] {
  const walk: Walk = { seen: new Map(), depth: 0, waiting: [] };
  const changes = compare(before, after, place, { before: plain, after: plain, ...how }, walk);
  // More may come while it is walked through.
  for (const later of walk.waiting) changes.push(...later());
  return changes;
}

function compare(rawBefore: unknown, rawAfter: unknown, place: string, how: Comparison, walk: Walk): Change[] {
  const [before, after] = [how.before(rawBefore), how.after(rawAfter)];
  // What is referred to from several places, or from within itself, is told of once. That both are the same text says
  // nothing: what they refer to may be another.
  const compared = walk.seen.get(before) ?? new Set();
  if (compared.has(after)) return [];
  walk.seen.set(before, compared.add(after));
  const inner = (a: unknown, b: unknown, at: string): Change[] => {
    const work = () => {
      walk.depth += 1;
      const found = compare(a, b, at, how, walk);
      walk.depth -= 1;
      return found;
    };
    if (walk.depth < deepest) return work();
    walk.waiting.push(work);
    return [];
  };
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
  const [required, newRequired] = [listOf(before.required).map(String), listOf(after.required).map(String)];
  // A name may be required that no property describes.
  for (const name of new Set([...Object.keys(fields), ...Object.keys(newFields), ...required, ...newRequired])) {
    const at = `${place}.${name}`;
    const [was, is] = [Object.hasOwn(fields, name), Object.hasOwn(newFields, name)];
    const mustBe = newRequired.includes(name);
    if (was && !is) tell('is gone', true, at);
    else if (was === is) {
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
    for (const one of a.filter((each) => isIn(b, each))) changes.push(...inner(one, one, place));
    // Their order says nothing.
    const [gone, added] = [a.filter((one) => !isIn(b, one)), b.filter((one) => !isIn(a, one))];
    if (gone.length === added.length) {
      for (const [i, one] of gone.entries()) changes.push(...inner(one, added[i], place));
    } else {
      const isOther = gone.length > 0 && added.length > 0;
      if (gone.length > 0)
        tell(`has ${gone.length} alternatives less (${word})`, tightens || b.length === 0 || isOther);
      if (added.length > 0)
        tell(`has ${added.length} alternatives more (${word})`, loosens || a.length === 0 || isOther);
    }
  }

  // Each of these narrows it.
  const [parts, newParts] = [listOf(before.allOf), listOf(after.allOf)];
  if (parts.length !== newParts.length) tell('allOf is another', true);
  else for (const [i, one] of parts.entries()) changes.push(...inner(one, newParts[i], place));

  const known = [...remarks, ...lowerIsLooser, ...higherIsLooser, ...ownRules];
  const others = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((word) => !known.includes(word));
  for (const word of others.filter((one) => !same(before[one], after[one]))) tell(`${word} is another`, true);
  for (const word of remarks.filter((one) => !same(before[one], after[one]))) tell(`${word} is another`, false);
  return changes;

  function compareOpenness(a: unknown, b: unknown): void {
    if (isMap(a) && isMap(b)) changes.push(...inner(a, b, `${place}.*`));
    else if (same(a, b)) return;
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
  return ['anything', kind, ...widerThan(kind)].some((one) => kinds.includes(one));
}

/** The types that hold it: a listed value, as JSON, or a type within another. */
function widerThan(kind: string): string[] {
  if (/^-?\d/.test(kind)) return Number.isInteger(Number(kind)) ? ['integer', 'number'] : ['number'];
  if (kind.startsWith('"')) return ['string'];
  if (kind === 'true' || kind === 'false') return ['boolean'];
  return kind === 'integer' ? ['number'] : [];
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const isIn = (list: unknown[], one: unknown): boolean => list.some((each) => same(each, one));

/** Equal, whatever the order of keys. */
export const same = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);

/** The same text for the same value, whatever the order of its keys. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    isMap(part) ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1))) : part,
  ) ?? 'undefined';
