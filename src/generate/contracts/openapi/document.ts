import { shortened } from '../../../harmless.ts';

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Something in a document that a client cannot be made of; the message says it as the end of "is left out: …". */
export class NotExpressible extends Error {}

/** What a reference leads to, and where that stands: the last reference of a chain. */
export interface Target {
  value: unknown;
  ref: string | undefined;
}

const shown = (ref: string): string => shortened(ref, 80);

/**
 * Follows references within the document, and nowhere else: no other file is opened and no host is asked.
 *
 * @throws NotExpressible where one leads out, to nothing, or in a circle
 */
export function follow(root: Fields, node: unknown): Target {
  const seen = new Set<string>();
  let at: Target = { value: node, ref: undefined };
  while (isFields(at.value) && typeof at.value.$ref === 'string') {
    const ref = at.value.$ref;
    if (!ref.startsWith('#')) throw new NotExpressible(`it refers to another document (${shown(ref)})`);
    if (seen.has(ref)) throw new NotExpressible(`${shown(ref)} refers to itself`);
    seen.add(ref);
    at = { value: pointed(root, ref), ref };
  }
  return at;
}

/** RFC 6901, within the fragment of a URI. */
function pointed(root: Fields, ref: string): unknown {
  const steps = ref.slice(1).split('/').slice(1).map(unescaped);
  let value: unknown = root;
  for (const step of steps) {
    const inside = Array.isArray(value) ? Object.fromEntries(value.entries()) : fieldsOf(value);
    if (!Object.hasOwn(inside, step)) throw new NotExpressible(`${shown(ref)} is not in the document`);
    value = inside[step];
  }
  return value;
}

/** A step of a pointer as the name that it means. */
export function unescaped(step: string): string {
  const plain = step.replaceAll('~1', '/').replaceAll('~0', '~');
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}
