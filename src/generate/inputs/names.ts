import { UserError } from '../../errors.ts';
import { harmlessLine } from '../../harmless.ts';
import type { FeatureManifest } from '../manifest.ts';
import { whyNoFileName, whyNoIdentifier, whyNoPackageName } from './reserved-names.ts';

/** RFC 1123: a DNS label holds at most 63 octets; it names the service's Kubernetes objects. */
export const longestLabel = 63;

/** With more, the lines that hold the name do not fit the formatter's width whatever is done. */
export const longestInstance = 32;

const kebab = /^[a-z](?:[a-z0-9]|-(?=[a-z0-9]))*$/;

function whyNotKebab(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name.length > longestLabel)
    return `it has ${name.length} characters, and a DNS label holds at most ${longestLabel}`;
  if (!kebab.test(name)) {
    return 'it must be lower-case letters, digits and single hyphens, start with a letter and end with a letter or digit';
  }
  return undefined;
}

/** Why this cannot name a service (an npm package and a Kubernetes Service), or undefined where it can. */
export const whyNoServiceName = (name: string): string | undefined =>
  whyNotKebab(name) ?? whyNoFileName(name) ?? whyNoPackageName(name);

const whyTooLong = (name: string): string | undefined =>
  name.length > longestInstance ? `it has ${name.length} characters, and ${longestInstance} are the most` : undefined;

/** Why this cannot name an instance (a file, an identifier and a metric), or undefined where it can. */
export const whyNoInstanceName = (name: string): string | undefined =>
  whyNotKebab(name) ?? whyTooLong(name) ?? whyNoFileName(name) ?? whyNoIdentifier(name);

/** The same for a name of at least two parts with dots between them, such as `orders.created`. */
export function whyNoDottedName(name: string): string | undefined {
  const parts = name.split('.');
  if (parts.length < 2) return 'it must have two parts or more with dots between them, such as orders.created';
  const tooLong = whyTooLong(name);
  if (tooLong) return tooLong;
  const wrong = parts.find((part) => whyNotKebab(part) ?? whyNoFileName(part));
  return wrong === undefined ? undefined : `"${wrong}": ${whyNotKebab(wrong) ?? whyNoFileName(wrong)}`;
}

/** The valid name closest to what was typed: `Order Service` → `order-service`; undefined where nothing is left of it. */
export function suggestName(
  typed: string,
  why: (name: string) => string | undefined = whyNoServiceName,
): string | undefined {
  const name = typed
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .slice(0, longestLabel)
    .replace(/-+$/, '');
  return [name, `${name.slice(0, longestLabel - 8)}-service`].find((candidate) => why(candidate) === undefined);
}

const suggestDottedName = (typed: string): string | undefined => {
  const parts = typed
    .replace(/([a-z0-9])([A-Z])/g, '$1.$2')
    .split(/[^A-Za-z0-9-]+/)
    .map((part) => suggestName(part, whyNotKebab));
  const name = parts.filter((part) => part !== undefined).join('.');
  return whyNoDottedName(name) === undefined ? name : undefined;
};

function refuse(code: string, noun: string, name: string, why: string, suggestion: string | undefined): never {
  throw new UserError({
    code,
    what: `"${harmlessLine(name)}" cannot be the name of ${withArticle(noun)}`,
    why: `${why.charAt(0).toUpperCase()}${why.slice(1)}.`,
    fix: suggestion ? `Use another name, for example: ${suggestion}` : 'Use a name such as order-service.',
  });
}

/** `a saga`, `an event`. */
export const withArticle = (noun: string): string => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;

/** The name as given. @throws UserError INVALID_NAME with a corrected one */
export function checkServiceName(name: string): string {
  const why = whyNoServiceName(name);
  return why === undefined ? name : refuse('INVALID_NAME', 'service', name, why, suggestName(name));
}

type Instances = Required<FeatureManifest>['instances'];

/** Why this cannot name an instance of that kind, or undefined where it can. */
export function whyNoNameOf({ naming, reserved = [] }: Pick<Instances, 'naming' | 'reserved'>, name: string) {
  const why = (naming === 'dotted' ? whyNoDottedName : whyNoInstanceName)(name);
  return why ?? (reserved.includes(name) ? `${name} is what a part of the service is called already` : undefined);
}

/** The name as given. @throws UserError INVALID_NAME */
export function checkInstanceName(name: string, instances: Pick<Instances, 'noun' | 'naming' | 'reserved'>): string {
  const whyNot = (other: string) => whyNoNameOf(instances, other);
  const why = whyNot(name);
  if (why === undefined) return name;
  const suggested =
    instances.naming === 'dotted' ? (suggestDottedName(name) ?? 'orders.created') : suggestName(name, whyNot);
  return refuse('INVALID_NAME', instances.noun, name, why, suggested);
}
