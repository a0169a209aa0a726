import { UserError } from '../../../errors.ts';
import { harmlessLine } from '../../../harmless.ts';
import { type Fields, isFields, textOf } from './document.ts';

/** Deeper than any contract is; what is made of one goes into it as deep as it goes. */
const deepest = 200;

const broken = (source: string, why: string): UserError =>
  new UserError({
    code: 'CONTRACT_BROKEN',
    what: `${harmlessLine(source)} cannot be read as JSON or YAML`,
    why: `${harmlessLine(why.trim().split('\n')[0] ?? '').slice(0, 200)}.`,
    fix: 'Give an OpenAPI 3 document, as JSON or YAML.',
  });

const unknown = (source: string, why: string, fix: string): UserError =>
  new UserError({ code: 'CONTRACT_UNKNOWN', what: `${harmlessLine(source)} is no OpenAPI 3 document`, why, fix });

/**
 * An OpenAPI 3 document, JSON or YAML. `source` is what messages call it.
 *
 * @throws UserError CONTRACT_BROKEN, CONTRACT_UNKNOWN
 */
export async function parseDocument(text: string, source: string): Promise<Fields> {
  const value = await parse(text, source);
  if (!isFields(value)) throw unknown(source, 'It holds no object.', 'Give the document that describes the API.');
  if (value.swagger !== undefined)
    throw unknown(source, `It is of version ${harmlessLine(String(value.swagger))}.`, 'Convert it to OpenAPI 3 first.');
  if (!/^3\.[0-2]\.\d+/.test(textOf(value.openapi)))
    throw unknown(
      source,
      'Its field openapi does not name a version 3.0, 3.1 or 3.2.',
      'Give the document that describes the API; its first line is often: openapi: 3.1.0',
    );
  if (depthOf(value, deepest) > deepest) throw broken(source, `It is nested more than ${deepest} times`);
  return value;
}

async function parse(text: string, source: string): Promise<unknown> {
  try {
    // What a service keeps is JSON; a byte order mark is neither's.
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    if (/^\s*[[{]/.test(text.replace(/^\ufeff/, ''))) throw broken(source, (error as Error).message);
  }
  const { yamlValues } = await import('../../formats/yaml-values.ts');
  try {
    return yamlValues(text);
  } catch (error) {
    throw broken(source, (error as Error).message);
  }
}

function depthOf(value: unknown, limit: number): number {
  if (typeof value !== 'object' || value === null || limit < 0) return 0;
  let deepest = 0;
  for (const one of Object.values(value)) deepest = Math.max(deepest, depthOf(one, limit - 1));
  return deepest + 1;
}
