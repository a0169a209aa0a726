import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyBaseLogger } from 'fastify';
import { Problem } from '../problem.ts';
import { asProblem } from './problems.ts';

/** Does again what a start needs of the database, for so long: in a cluster the service and its database often start together. */
export async function untilReachable<T>(
  work: () => Promise<T>,
  { timeoutMs, log }: { timeoutMs: number; log: Pick<FastifyBaseLogger, 'warn'> },
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const problem = asProblem(error);
      if (!(problem instanceof Problem)) throw problem;
      if (Date.now() >= deadline) throw error;
      log.warn({ err: error }, 'the database is not reachable yet');
      await wait(500);
    }
  }
}
