import { UserError } from './errors.ts';
import { harmlessLine } from './harmless.ts';

interface Reason {
  why: string;
  fix: string;
}

const rights: Reason = {
  why: 'This user may not do that there.',
  fix: 'Look whose it is (ls -la), or choose another place, and run the same command again.',
};
const full: Reason = {
  why: 'The disk is full, or the quota is used up.',
  fix: 'Make room there and run the same command again.',
};
const tooManyFiles: Reason = {
  why: 'More files are open than this system allows.',
  fix: 'Raise the limit (ulimit -n 4096) and run the same command again.',
};
const inTheWay: Reason = {
  why: 'There is a folder where a file belongs, or a file where a folder does.',
  fix: 'Move away what is in the way and run the same command again.',
};

/** What the system may refuse with nobody's program being wrong, by the code of Node's error (errno(3)). */
const reasons: Readonly<Record<string, Reason>> = {
  EACCES: rights,
  EPERM: { ...rights, why: 'The system refuses it: missing rights, or another program holds the file.' },
  EBUSY: { why: 'Another program holds the file.', fix: 'End that program and run the same command again.' },
  ETXTBSY: { why: 'Another program holds the file.', fix: 'End that program and run the same command again.' },
  EROFS: { why: 'The file system is read-only.', fix: 'Choose another place, or mount it for writing.' },
  ENOSPC: full,
  EDQUOT: full,
  EFBIG: { why: 'The file is larger than this system allows.', fix: 'Raise the limit (ulimit -f unlimited).' },
  ENOTDIR: inTheWay,
  EISDIR: inTheWay,
  EMFILE: tooManyFiles,
  ENFILE: tooManyFiles,
  ELOOP: { why: 'A link on the way leads back to itself.', fix: 'Remove that link, or choose another place.' },
  ENAMETOOLONG: { why: 'The path is too long for this file system.', fix: 'Choose a shorter path or name.' },
  EXDEV: { why: 'A folder inside the service is on another file system.', fix: 'Move it onto the same file system.' },
  EIO: { why: 'The disk does not answer as it should.', fix: 'Look at the messages of the system (dmesg).' },
  ENOMEM: { why: 'There is no memory left.', fix: 'End another program and run the same command again.' },
  EAGAIN: { why: 'The system has no room for one more process.', fix: 'End another program and try again.' },
};

/**
 * A refusal of the operating system as UserError; anything else comes back as it is. `what` says what did not happen to
 * the path that the error names, or else to `place`.
 */
export function explainSystemError(
  error: unknown,
  { code, what, place }: { code: string; what: (path: string) => string; place: string },
): unknown {
  const { code: refusal = '', path } = (error ?? {}) as NodeJS.ErrnoException;
  const reason = Object.hasOwn(reasons, refusal) ? reasons[refusal] : undefined;
  if (error instanceof UserError || !reason) return error;
  return new UserError({ code, what: what(harmlessLine(path ?? place)), ...reason, cause: error });
}

/** One that nobody further down has explained, because it can come from anywhere: a read, a start of git. */
export function explainRefusal(error: unknown, cwd: string): unknown {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  // Of the folder that a shell is in.
  if (code === 'ENOENT' && syscall === 'uv_cwd')
    return new UserError({
      code: 'FOLDER_GONE',
      what: 'The folder that this was started in is gone',
      why: 'It was removed or replaced while a shell was in it.',
      fix: 'Go to a folder that is there: cd ~',
      cause: error,
    });
  const what = (path: string): string => `The system refused ${syscall ?? 'access'} of ${path} (${code})`;
  return explainSystemError(error, { code: 'SYSTEM_REFUSED', what, place: cwd });
}
