import { UserError } from '../../errors.ts';
import { harmlessLine } from '../../harmless.ts';
import { nameForms } from './name-forms.ts';
import { whyUnsafeText } from './safe-text.ts';

/** `order-service` → `order`: the context that a service most likely belongs to. */
export const defaultContext = (name: string): string => name.replace(/-(?:service|svc|api|worker)$/, '');

export const defaultDescription = (name: string): string => nameForms(name).title;

export const defaultOwner = (context: string): string => `${context}-team`;

/** Kubernetes label values: at most 63 of these, letters or digits at both ends. Contexts become the part-of label. */
const labelValue = /^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;

/** Why this cannot be the description, context or owner of a service, or undefined where it can. */
export const whyNo = {
  description: whyUnsafeText,
  context: (text: string): string | undefined =>
    labelValue.test(text) ? undefined : 'a context is a Kubernetes label: 1 to 63 letters, digits, - _ and .',
  owner: (text: string): string | undefined =>
    /^[A-Za-z0-9@][A-Za-z0-9 @._/-]{0,62}$/.test(text)
      ? undefined
      : 'an owner is a team or an address: 1 to 63 letters, digits, spaces, @ . _ / and -',
} as const;

/** The value as given. @throws UserError INVALID_VALUE */
export function checkField(field: keyof typeof whyNo, value: string): string {
  const why = whyNo[field](value);
  if (why === undefined) return value;
  throw new UserError({
    code: 'INVALID_VALUE',
    what: `"${harmlessLine(value)}" cannot be the ${field} of a service`,
    why: `${why.charAt(0).toUpperCase()}${why.slice(1)}.`,
    fix: `Give another one: --${field} <${field}>`,
  });
}
