import { Problem } from '../problem.ts';

// https://www.postgresql.org/docs/current/errcodes-appendix.html
const unavailable = /^(08...|53...|57P0.)$/;
const cancelled = '57014';

/** The server may not write: a standby, or a primary that was demoted. */
export const readOnly = '25006';
/** Postgres undid a transaction for the sake of others: a serialization failure, a deadlock. */
const conflicts = ['40001', '40P01'];

/**
 * What a caller can do something about: try again later. Everything else (a constraint, a mistake in the SQL) stays the
 * driver's own error, with its `code`.
 */
export function asProblem(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { message } = error;
  const code = codeOf(error);
  if (/unsupported startup parameter/.test(message)) {
    return new Error('PgBouncer stands between: add ?pgbouncer=true to DATABASE_URL', { cause: error });
  }
  if (/timeout exceeded when trying to connect/.test(message)) {
    return busy('database-busy', 'No database connection became free in time', error);
  }
  if (code === cancelled || /Query read timeout/.test(message)) {
    return busy('database-slow', 'The database did not answer in time', error);
  }
  if (code === readOnly) return busy('database-read-only', 'The database takes no writes at the moment', error);
  if (conflicts.includes(code ?? ''))
    return busy('database-conflict', 'Others changed the same at the same time', error);
  const isNetwork = code !== undefined && /^E[A-Z]+$/.test(code);
  if (isNetwork || unavailable.test(code ?? '') || /Connection terminated|not queryable/.test(message)) {
    return busy('database-unavailable', 'The database cannot be reached', error);
  }
  return error;
}

/** A table, column, schema or function that the database does not have. */
const missing = ['42P01', '42703', '3F000', '42883'];

/** What is said at a command line: what a migration makes is missing where it was not applied. */
export const saidOf = (error: Error): string =>
  missing.includes(codeOf(error) ?? '')
    ? `${error.message}: this database lacks a migration (npm run migrate, in the image: node dist/migrate-command.js)`
    : error.message;

/** Whether the statement or transaction has certainly done nothing, and may succeed at once if it is done again. */
export const mayRepeat = (error: unknown): boolean => [readOnly, ...conflicts].includes(codeOf(error) ?? '');

/** Postgres' own code of an error, also of one that was wrapped. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, cause } = error as Error & { code?: string };
  return code ?? codeOf(cause);
}

function busy(kind: string, title: string, cause: Error): Problem {
  return Object.assign(new Problem(503, kind, title), { cause });
}
