import { harmlessLine, shortened } from '../../../harmless.ts';
import { nameForms } from '../../inputs/name-forms.ts';
import { isFields } from './document.ts';
import type { ClientContract, Operation } from './operations.ts';

const width = 120;

/** A value of JSON as TypeScript, as the formatter of a service writes it where that is simple. */
function literal(value: unknown, indent: string, used: number): string {
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value))
    return grouped(
      value.map((one) => ['', one] as const),
      '[]',
      indent,
      used,
    );
  if (isFields(value))
    return grouped(
      Object.entries(value).map(([key, one]) => [`${keyOf(key)}: `, one] as const),
      '{}',
      indent,
      used,
    );
  return String(value);
}

function grouped(
  entries: readonly (readonly [key: string, value: unknown])[],
  [open, close]: string,
  indent: string,
  used: number,
): string {
  if (entries.length === 0) return `${open}${close}`;
  const space = open === '{' ? ' ' : '';
  const flat = `${open}${space}${entries.map(([key, value]) => `${key}${literal(value, '', Number.NEGATIVE_INFINITY)}`).join(', ')}${space}${close}`;
  if (indent.length + used + flat.length < width) return flat;
  const deeper = `${indent}  `;
  const lines = entries.map(([key, value]) => `${deeper}${key}${literal(value, deeper, key.length)},\n`);
  return `${open}\n${lines.join('')}${indent}${close}`;
}

/** Every sign that ends a string, or a line, or that an editor would obey, is escaped. */
const quoted = (text: string): string =>
  `'${JSON.stringify(text)
    .slice(1, -1)
    .replaceAll('\\"', '"')
    .replaceAll("'", "\\'")
    .replace(
      /[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
      (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )}'`;

const keyOf = (key: string): string =>
  key === '__proto__' ? "['__proto__']" : /^[A-Za-z_$][\w$]*$/.test(key) ? key : quoted(key);

/** Text of others within a comment: on one line, and unable to end it. */
const remark = (text: string): string => shortened(harmlessLine(text).replaceAll('*/', '*∕').trim(), 100);

function operationText(
  name: string,
  { remark: said, method, path, in: inputs, body, answer, needsKey }: Operation,
): string {
  const fields = {
    method,
    path,
    ...inputs,
    ...(body && { body: body.schema }),
    ...(body?.isOptional && { isBodyOptional: true }),
    ...(body && body.type !== 'application/json' && { sends: body.type }),
    ...(answer && { answer: answer.schema }),
    ...(answer?.types.some((type) => type !== 'application/json') && { accepts: answer?.types.join(', ') }),
    ...(needsKey && { needsKey: true }),
  };
  const key = keyOf(name);
  const comment = said === '' ? '' : `    /** ${remark(said)} */\n`;
  return `${comment}    ${key}: ${literal(fields, '    ', key.length + 3)},\n`;
}

/** The module that a client is made of: the contract as a value, so that TypeScript reads its types out of it. */
export function printModule(name: string, { title, version, operations, definitions, notes }: ClientContract): string {
  const { camel, pascal } = nameForms(name);
  const said = notes.map((note) => ` * - ${remark(note)}\n`).join('');
  const all = [...operations].map(([method, operation]) => operationText(method, operation)).join('');
  const schemas = [...definitions]
    .map(([key, schema]) => `    ${keyOf(key)}: ${literal(schema, '    ', keyOf(key).length + 3)},\n`)
    .join('');
  return `// Made from contracts/clients/${name}.json: \`msvc add-client ${name} --openapi <file or URL>\` brings a newer one.
// biome-ignore-all format: it stays as it is made
import type { SchemaOf } from '../platform/http-client/contract.ts';

/** A schema of the contract as a type: \`${pascal}<'${[...definitions.keys()][0] ?? ''}'>\`. */
export type ${pascal}<Name extends keyof (typeof ${camel})['$defs']> = SchemaOf<typeof ${camel}, Name>;

/**
 * ${remark(`${title} ${version}`)}: what may be asked of ${name}.${
   said === ''
     ? ''
     : `
 *
 * Of its contract, this says less:
${said.trimEnd()}`
 }
 */
export const ${camel} = {
  operations: {
${all}  },
  $defs: {
${schemas}  },
} as const;
`;
}
