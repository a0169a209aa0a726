/** Exit status of the whole command line, and what each means. 70 is EX_SOFTWARE of sysexits.h, 130 is 128 + SIGINT. */
export const exitCodes = {
  0: 'fine',
  1: 'findings at or above `--fail-on`, conflicts, or `update --check` with changes waiting',
  2: 'usage or configuration: unknown option, name, namespace, context or check, no kubeconfig',
  3: 'incomplete: nothing judged, coverage under `--min-coverage`, services that could not be read, an install that failed',
  4: 'cluster not reached: network, TLS, expired credentials, timeout',
  70: 'a bug of ours, with its stack and where to report it',
  130: 'stopped by Ctrl-C',
} as const;

export type ExitCode = keyof typeof exitCodes;

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
