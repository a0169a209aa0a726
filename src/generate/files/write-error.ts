import { UserError } from '../../errors.ts';
import { harmlessLine } from '../../harmless.ts';

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'This user may not write there.',
  EPERM: 'The system refuses it: missing rights, or another program holds the file.',
  EBUSY: 'Another program holds the file.',
  EROFS: 'The file system is read-only.',
  ENOSPC: 'The disk is full.',
  EDQUOT: 'The quota is used up.',
  ENOTDIR: 'A part of the path is a file.',
  EISDIR: 'There is a folder where a file belongs.',
  ENAMETOOLONG: 'The path is too long for this file system.',
  EXDEV: 'A folder inside the service is on another file system.',
};

/** A failed write as UserError `NOT_WRITABLE`, where the system said why; anything else is rethrown as it is. */
export function explainWriteError(error: unknown, place: string): unknown {
  const { code = '', path } = (error ?? {}) as NodeJS.ErrnoException;
  const why = reasons[code];
  if (why === undefined) return error;
  return new UserError({
    code: 'NOT_WRITABLE',
    what: `${harmlessLine(path ?? place)} could not be written; nothing was changed`,
    why,
    fix: 'Make room for it there and run the same command again.',
    cause: error,
  });
}
