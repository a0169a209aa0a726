import packageJson from '../../../package.json' with { type: 'json' };
import { type ExitCode, UserError } from '../../errors.ts';
import { harmless } from '../../harmless.ts';

const issuesUrl = packageJson.bugs.url;

/** The person pressed Ctrl-C or the process was told to stop: nothing is wrong and there is nothing to report. */
export const isInterruption = (error: unknown, signal: AbortSignal): boolean =>
  signal.aborted || isQuestionLeft(error) || (error instanceof Error && error.name === 'AbortError');

/** The person left a question. */
export const isQuestionLeft = (error: unknown): boolean =>
  error instanceof Error && ['ExitPromptError', 'AbortPromptError'].includes(error.name);

export const exitCodeOf = (error: unknown): ExitCode => (error instanceof UserError ? error.exitCode : 70);

/** Three lines for an error that the person can do something about; the stack for one of ours. */
export function errorText(error: unknown): string {
  if (error instanceof UserError)
    return `${[
      `error ${error.code}: ${oneLine(error.message)}`,
      `  why: ${oneLine(error.why)}`,
      `  fix: ${oneLine(error.fix)}`,
    ].join('\n')}\n`;
  return `${harmless(stackOf(error))}\n\nThis is a bug in create-microservice. Please report it, with the lines above:\n  ${issuesUrl}\n`;
}

/** The same as one JSON document. */
export function errorJson(error: unknown): string {
  const described =
    error instanceof UserError
      ? { code: error.code, what: error.message, why: error.why, fix: error.fix }
      : {
          code: 'BUG',
          what: stackOf(error),
          why: 'This is a bug in create-microservice.',
          fix: `Report it: ${issuesUrl}`,
        };
  return `${JSON.stringify({ error: { ...described, exitCode: exitCodeOf(error) } }, null, 2)}\n`;
}

const oneLine = (text: string): string => harmless(text).replace(/\s*\n\s*/g, ' ');

const stackOf = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error);
