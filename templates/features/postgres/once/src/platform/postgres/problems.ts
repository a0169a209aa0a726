import { Problem } from '../problem.ts';

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const unavailable = /^(08...|53...|57P0.)$/;
const cancelled = '57014';

/**
 * What a caller can do something about: try again later. Everything else (a constraint, a mistake in the SQL) stays the
 * driver's own error, with its `code`.
 */
export function asProblem(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { code, message } = error as Error & { code?: string };
  if (/timeout exceeded when trying to connect/.test(message)) {
    return busy('database-busy', 'No database connection became free in time', error);
  }
  if (code === cancelled || /Query read timeout/.test(message)) {
    return busy('database-slow', 'The database did not answer in time', error);
  }
  const isNetwork = code !== undefined && /^E[A-Z]+$/.test(code);
  if (isNetwork || unavailable.test(code ?? '') || /Connection terminated|not queryable/.test(message)) {
    return busy('database-unavailable', 'The database cannot be reached', error);
  }
  return error;
}

function busy(kind: string, title: string, cause: Error): Problem {
  return Object.assign(new Problem(503, kind, title), { cause });
}
