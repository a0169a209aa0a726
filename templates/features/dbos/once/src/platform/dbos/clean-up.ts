import type { FastifyBaseLogger } from 'fastify';
import type pg from 'pg';
import type { Saga } from '../sagas/saga.ts';
import type { Lease } from './lease.ts';
import type { Workflows } from './workflows.ts';

export interface CleanUpOptions {
  pool: pg.Pool;
  workflows: Workflows;
  lease: Lease;
  log: FastifyBaseLogger;
  sagas: readonly Saga[];
  keepMs: number;
}

const batchSize = 500;
const everyMs = 3_600_000;

/**
 * Removes what ended long ago, so that the engine's tables do not grow for ever. Only sagas that are completed or
 * compensated: what is under way or stuck stays. The id of a removed one is free, so whoever starts it again after that
 * time starts a new saga.
 */
export class CleanUp {
  readonly #options: CleanUpOptions;
  #dueAt = 0;

  constructor(options: CleanUpOptions) {
    this.#options = options;
  }

  /** Hourly, a batch a call, in the first of the live processes: called more often it does nothing. */
  async sweep(): Promise<void> {
    if (performance.now() < this.#dueAt) return;
    if (await this.#isFirst()) {
      const endedBefore = new Date(Date.now() - this.#options.keepMs);
      if ((await this.#removeSagas(endedBefore)) === batchSize) return;
      await this.#removeLeases(endedBefore);
    }
    this.#dueAt = performance.now() + everyMs;
  }

  async #isFirst(): Promise<boolean> {
    const { pool, lease } = this.#options;
    const { rows } = await pool.query<{ first: string }>(
      'select min(executor) as first from saga_leases where expires_at > now()',
    );
    return rows[0]?.first === lease.executor;
  }

  async #removeSagas(endedBefore: Date): Promise<number> {
    const { pool, workflows, sagas, log } = this.#options;
    const ended = await workflows.listWorkflows({
      workflowName: sagas.map(({ name }) => name),
      status: 'SUCCESS',
      completedBefore: endedBefore.toISOString(),
      loadInput: false,
      loadOutput: false,
      limit: batchSize,
    });
    if (ended.length === 0) return 0;
    const ids = ended.map(({ workflowID }) => workflowID);
    await pool.query('delete from saga_takeovers where saga_id = any($1)', [ids]);
    await pool.query('delete from saga_local_steps where saga_id = any($1)', [ids]);
    await workflows.deleteWorkflows(ids);
    log.info({ sagas: ids.length, endedBefore }, 'sagas that ended long ago removed');
    return ids.length;
  }

  /** Of processes that died long ago, unless a saga of theirs still waits for one of its version. */
  async #removeLeases(expiredBefore: Date): Promise<void> {
    const { pool, workflows } = this.#options;
    const { rows } = await pool.query<{ executor: string }>('select executor from saga_leases where expires_at < $1', [
      expiredBefore,
    ]);
    const dead = rows.map(({ executor }) => executor);
    if (dead.length === 0) return;
    const find = { status: 'PENDING', loadInput: false, loadOutput: false, limit: batchSize } as const;
    const waiting = await workflows.listWorkflows({ ...find, executorId: dead });
    if (waiting.length === batchSize) return;
    const needed = new Set(waiting.map(({ executorId }) => executorId));
    await pool.query('delete from saga_leases where executor = any($1)', [dead.filter((one) => !needed.has(one))]);
  }
}
