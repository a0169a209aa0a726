import type { TSchema } from 'typebox';
import { Check, Errors, Validator } from 'typebox/schema';

/** What is wrong with an answer, without any of its values; undefined where it is as agreed. */
export function whyNotAgreed(agreed: TSchema | Validator, answer: unknown): string | undefined {
  const isCompiled = agreed instanceof Validator;
  if (isCompiled ? agreed.Check(answer) : Check(agreed, answer)) return undefined;
  const [, errors] = isCompiled ? agreed.Errors(answer) : Errors(agreed, answer);
  // Of several forms that do not fit, the deepest place says most.
  const [first] = errors.toSorted((a, b) => b.instancePath.split('/').length - a.instancePath.split('/').length);
  return first ? `${first.instancePath || 'it'} ${first.message}` : 'it has another form';
}
