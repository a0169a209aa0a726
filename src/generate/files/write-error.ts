import { explainSystemError } from '../../system-error.ts';

/** A failed write as UserError `NOT_WRITABLE`, where the system said why; anything else is rethrown as it is. */
export const explainWriteError = (error: unknown, place: string): unknown =>
  explainSystemError(error, {
    code: 'NOT_WRITABLE',
    what: (path) => `${path} could not be written; nothing was changed`,
    place,
  });
