import { UserError } from '../../errors.ts';
import type { Ports } from '../../ports.ts';

/** Something that should be made has no name, and nobody can be asked. `example` is a whole command line. */
export const noName = (noun: string, example: string, { ask }: Ports): UserError =>
  new UserError({
    code: 'NAME_MISSING',
    what: `The ${noun} has no name`,
    why: ask
      ? 'An option was given, so nothing is asked.'
      : 'There is nobody to ask: this is no terminal that can ask, or it is CI.',
    fix: `Give the name, for example: ${example}`,
  });
