import type { Database } from '../postgres/database.ts';
import { asProblem } from '../postgres/problems.ts';
import { Problem } from '../problem.ts';
import { within } from '../within.ts';

/**
 * Answers, or says 503. The engine waits for a database that is away until it is back, which is right for a saga and
 * wrong for whoever asks about one: so the database is asked first, through the pool of the requests, which gives up.
 *
 * @param ms milliseconds after which it is given up although the database answered. A start may then still happen: the
 *   same id again finds it
 * @throws Problem 503
 */
export async function promptly<T>(database: Database, ms: number, work: () => Promise<T>): Promise<T> {
  await database.query('select 1');
  const late = () => new Problem(503, 'database-slow', 'The database did not answer in time');
  try {
    return await within(ms, work, late);
  } catch (error) {
    throw asProblem(error);
  }
}
