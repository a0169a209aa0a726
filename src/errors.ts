/**
 * Exit status of the whole command line; see the table in the README.
 * 1: findings, conflicts or waiting changes · 2: usage or configuration · 3: incomplete · 4: cluster not reached ·
 * 70: a bug of ours (sysexits.h EX_SOFTWARE) · 130: Ctrl-C (128 + SIGINT).
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 70 | 130;

/**
 * An error that the user can do something about. The command line prints it in three lines: what happened, why, what to do.
 * `code` is stable, UPPER_SNAKE_CASE, and part of the public contract (scripts match on it). Anything thrown that is not
 * a UserError is a bug of ours.
 */
export class UserError extends Error {
  readonly code: string;
  /** Why it happened, one sentence. */
  readonly why: string;
  /** What to do now: an instruction, with the exact command where there is one. */
  readonly fix: string;
  readonly exitCode: ExitCode;

  constructor(options: { code: string; what: string; why: string; fix: string; exitCode?: ExitCode; cause?: unknown }) {
    super(options.what, { cause: options.cause });
    this.name = 'UserError';
    this.code = options.code;
    this.why = options.why;
    this.fix = options.fix;
    this.exitCode = options.exitCode ?? 2;
  }
}
