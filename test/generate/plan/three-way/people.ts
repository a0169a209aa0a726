import fc from 'fast-check';

/** One thing that somebody does to the lines of a file; `at` is taken modulo their number. */
type LineEdit =
  | { kind: 'insert'; at: number; count: number }
  | { kind: 'delete'; at: number; count: number }
  | { kind: 'replace'; at: number }
  | { kind: 'move'; at: number; to: number };

const at = fc.nat(40);
const count = fc.integer({ min: 1, max: 3 });

export const lineEdits: fc.Arbitrary<LineEdit[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('insert' as const), at, count }),
    fc.record({ kind: fc.constant('delete' as const), at, count }),
    fc.record({ kind: fc.constant('replace' as const), at }),
    fc.record({ kind: fc.constant('move' as const), at, to: at }),
  ),
  { maxLength: 5 },
);

/** Lines from a small alphabet, so that the same line stands in many places, as braces do. */
export const someLines = fc.array(fc.constantFrom('', '}', '  a', '  b', 'c', 'd {', 'e'), {
  minLength: 12,
  maxLength: 40,
});

/** The lines after these edits. Everything written anew carries `author` and a number, so that it can be found again. */
export function edited(lines: readonly string[], edits: readonly LineEdit[], author: string): string[] {
  const result = [...lines];
  let written = 0;
  const fresh = (): string => {
    written += 1;
    return `${author}_${written}`;
  };
  for (const edit of edits) {
    const place = edit.at % (result.length + 1);
    if (edit.kind === 'insert') result.splice(place, 0, ...Array.from({ length: edit.count }, fresh));
    else if (edit.kind === 'delete') result.splice(place, edit.count);
    else if (edit.kind === 'replace') result.splice(place, 1, fresh());
    else result.splice(edit.to % (result.length + 1), 0, ...result.splice(place, 1));
  }
  return result;
}

export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };
export type Fields = { [key: string]: Value };

// Among the keys are those that mean something to JavaScript, and such as objects sort by themselves.
const key = fc.constantFrom(
  'name',
  'version',
  'scripts',
  'z',
  '10',
  '2',
  '__proto__',
  'constructor',
  'toString',
  'a b',
);
const scalar = fc.oneof(
  fc.constantFrom('x', 'y', 'yes', '1', ''),
  fc.integer({ min: 0, max: 9 }),
  fc.boolean(),
  fc.constant(null),
);

/** A small document such as a package.json: maps of maps, lists, scalars. */
export const someFields: fc.Arbitrary<Fields> = fc.letrec<{ fields: Fields; value: Value }>((tie) => ({
  fields: fc
    .uniqueArray(fc.tuple(key, tie('value')), { maxLength: 5, selector: ([name]) => name })
    .map((entries) => Object.fromEntries(entries)),
  value: fc.oneof({ maxDepth: 2, depthSize: 'small' }, scalar, fc.array(scalar, { maxLength: 4 }), tie('fields')),
})).fields;

type FieldEdit =
  | { kind: 'set' | 'append' | 'remove' | 'reorder'; path: number[] }
  | { kind: 'add'; path: number[]; key: string };

export const fieldEdits: fc.Arbitrary<FieldEdit[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constantFrom('set' as const, 'append' as const, 'remove' as const, 'reorder' as const),
      path: fc.array(fc.nat(5), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      kind: fc.constant('add' as const),
      path: fc.array(fc.nat(5), { maxLength: 2 }),
      key: fc.oneof(key, fc.constantFrom('n', 'm')),
    }),
  ),
  { maxLength: 5 },
);

const isFields = (value: Value | undefined): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const put = (fields: Fields, name: string, value: Value): void => {
  Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true });
};

const own = (fields: Fields, name: string): Value => Object.getOwnPropertyDescriptor(fields, name)?.value;

/** The document after these edits; every new value carries `author` and a number. */
export function editedFields(document: Fields, edits: readonly FieldEdit[], author: string): Fields {
  const result = structuredCloneOf(document);
  edits.forEach((edit, index) => {
    const value = `${author}_${index}`;
    let fields = result;
    const steps = edit.kind === 'add' ? edit.path : edit.path.slice(0, -1);
    for (const step of steps) {
      const next = Object.keys(fields)[step % Math.max(1, Object.keys(fields).length)];
      const inner = next === undefined ? undefined : own(fields, next);
      if (!isFields(inner)) break;
      fields = inner;
    }
    if (edit.kind === 'add') {
      if (!Object.hasOwn(fields, edit.key)) put(fields, edit.key, value);
      return;
    }
    const names = Object.keys(fields);
    const name = names[(edit.path.at(-1) ?? 0) % Math.max(1, names.length)];
    if (name === undefined) return;
    const current = own(fields, name);
    if (edit.kind === 'remove') delete fields[name];
    else if (edit.kind === 'append' && Array.isArray(current)) put(fields, name, [...current, value]);
    else if (edit.kind === 'reorder') {
      delete fields[name];
      put(fields, name, current);
    } else put(fields, name, value);
  });
  return result;
}

/** structuredClone would lose an own `__proto__`. */
const structuredCloneOf = (fields: Fields): Fields => JSON.parse(JSON.stringify(fields));

/** Every value in a document with its path; lists are one value. */
export function leavesOf(fields: Fields, path: readonly string[] = []): Map<string, Value> {
  const leaves = new Map<string, Value>();
  for (const name of Object.keys(fields)) {
    const value = own(fields, name);
    const here = [...path, name];
    if (isFields(value) && Object.keys(value).length > 0) for (const leaf of leavesOf(value, here)) leaves.set(...leaf);
    else leaves.set(JSON.stringify(here), value);
  }
  return leaves;
}
