import { Check, type XSchema } from 'typebox/schema';

type Words = Record<string, unknown>;
type Defs = Record<string, XSchema>;

const formats: Record<string, string> = {
  date: '2026-01-31',
  'date-time': '2026-01-31T12:00:00Z',
  duration: 'P1D',
  email: 'a@example.com',
  'idn-email': 'a@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  iri: 'https://example.com/',
  'json-pointer': '/a',
  time: '12:00:00Z',
  uri: 'https://example.com/',
  'uri-reference': '/a',
  'uri-template': '/{a}',
  url: 'https://example.com/',
  uuid: '3f0a1b9e-0a5b-4d52-9f4e-2f8f1a2d3c4b',
};

/** One of these fits most patterns that people write. */
const words = [
  'a',
  'abc',
  'abcdef',
  'A',
  'EUR',
  'A1',
  'a-b',
  '1',
  '12',
  '1234',
  '123456',
  '1.0',
  '1.2.3',
  '+491234567',
];

/** Some value that a schema allows; undefined where none was found. */
export function sample($defs: Defs, name: string): unknown {
  const value = madeFrom({ $ref: `#/$defs/${name}` }, $defs, 0);
  return Check({ $defs, $ref: `#/$defs/${name}` }, value) ? value : undefined;
}

function madeFrom(schema: unknown, $defs: Defs, depth: number): unknown {
  if (typeof schema !== 'object' || schema === null || depth > 20) return 'any';
  const { $ref, allOf, anyOf, oneOf, ...own } = schema as Words;
  const inner = (one: unknown) => madeFrom(one, $defs, depth + 1);
  if (typeof $ref === 'string') return inner($defs[$ref.slice('#/$defs/'.length)]);
  if ('const' in own) return own.const;
  if (Array.isArray(own.enum)) return own.enum[0];
  const [form] = (anyOf ?? oneOf ?? []) as unknown[];
  const parts = [...((allOf ?? []) as unknown[]), ...(form === undefined ? [] : [form])].map(inner);
  if (parts.length === 0) return plainValue(own, inner);
  const objects = [...parts, plainValue({ type: 'object', ...own }, inner)];
  return parts.every((part) => typeof part === 'object' && part !== null) ? Object.assign({}, ...objects) : parts[0];
}

function plainValue(schema: Words, inner: (one: unknown) => unknown): unknown {
  const [type = 'object'] = [schema.type].flat();
  if (type === 'array') return listOf(schema, inner);
  if (type === 'string') return textOf(schema);
  if (type === 'integer' || type === 'number') return numberOf(schema);
  if (type === 'boolean') return true;
  if (type === 'object') {
    const properties = (schema.properties ?? {}) as Words;
    return Object.fromEntries(((schema.required ?? []) as string[]).map((name) => [name, inner(properties[name])]));
  }
  return type === 'null' ? null : undefined;
}

function listOf({ items, prefixItems = [], minItems = 0 }: Words, inner: (one: unknown) => unknown): unknown[] {
  const first = (prefixItems as unknown[]).map(inner);
  const more = Array.from({ length: Math.max(0, Number(minItems) - first.length) }, () => inner(items));
  return [...first, ...more];
}

function textOf({ format, pattern, minLength = 0, maxLength = Infinity }: Words): string {
  const known = formats[String(format)];
  if (known !== undefined) return known;
  const fits = pattern === undefined ? undefined : words.find((word) => new RegExp(String(pattern), 'u').test(word));
  return (fits ?? 'text').padEnd(Number(minLength), 'x').slice(0, Number(maxLength));
}

function numberOf({ minimum, exclusiveMinimum, maximum, exclusiveMaximum, multipleOf = 1 }: Words): number {
  const step = Number(multipleOf);
  const least = Number(minimum ?? (exclusiveMinimum === undefined ? 0 : Number(exclusiveMinimum) + step));
  const most = Number(maximum ?? (exclusiveMaximum === undefined ? Infinity : Number(exclusiveMaximum) - step));
  return Math.ceil(Math.min(Math.max(least, 0), most) / step) * step;
}
