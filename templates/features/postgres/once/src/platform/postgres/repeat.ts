import { setTimeout as wait } from 'node:timers/promises';
import { mayRepeat } from './problems.ts';

const attempts = 5;

/** Does again what Postgres undid for no fault of its own: a few times, and never all callers at the same moment. */
export async function repeat<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (attempt === attempts || !mayRepeat(error)) throw error;
      await wait(Math.random() * 10 * 2 ** attempt);
    }
  }
}
