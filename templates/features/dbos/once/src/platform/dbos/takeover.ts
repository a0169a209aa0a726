import type { FastifyBaseLogger } from 'fastify';
import type pg from 'pg';
import type { SagaMetrics } from '../sagas/metrics.ts';
import type { Saga } from '../sagas/saga.ts';
import type { Lease } from './lease.ts';
import { describeSaga } from './status.ts';
import { stuck, type WorkflowStatus, type Workflows } from './workflows.ts';

export interface TakeoverOptions {
  pool: pg.Pool;
  workflows: Workflows;
  lease: Lease;
  metrics: SagaMetrics;
  log: FastifyBaseLogger;
  /** Those that this process can run. */
  sagas: readonly Saga[];
  version: string;
  leaseMs: number;
  /** Takeovers of one saga before it counts as stuck. */
  limit: number;
  /** Whether this process is running that saga at this moment. */
  isRunning(workflowId: string): boolean;
}

/** What needs somebody's attention, as the engine has it. */
interface Attention {
  stuck: readonly WorkflowStatus[];
  /** Of a version that no live process has. */
  stranded: readonly WorkflowStatus[];
}

/** Finds the sagas of dead processes and makes the engine run them again; any live process may do so. */
export class Takeover {
  attention: Attention = { stuck: [], stranded: [] };
  readonly #options: TakeoverOptions;
  #suspects = new Set<string>();
  #reported = new Set<string>();

  constructor(options: TakeoverOptions) {
    this.#options = options;
  }

  async sweep(): Promise<void> {
    const { workflows, version, sagas } = this.#options;
    const { dead, liveVersions } = await this.#processes();
    const find = { workflowName: sagas.map(({ name }) => name), loadInput: false, limit: 500 };
    const orphans =
      dead.length > 0
        ? await workflows.listWorkflows({ ...find, executorId: dead, status: 'PENDING', loadOutput: false })
        : [];
    const waiting = await workflows.listWorkflows({ ...find, status: 'ENQUEUED', loadOutput: false });

    for (const orphan of [
      ...orphans.filter((saga) => saga.applicationVersion === version),
      ...(await this.#dropped(find)),
    ]) {
      await this.#takeOver(orphan);
    }
    this.attention = {
      stuck: await workflows.listWorkflows({ ...find, status: [...stuck] }),
      stranded: [...orphans, ...waiting].filter((saga) => !liveVersions.has(saga.applicationVersion ?? '')),
    };
    this.#report();
  }

  async #processes(): Promise<{ dead: string[]; liveVersions: Set<string> }> {
    const { rows } = await this.#options.pool.query<{ executor: string; version: string; alive: boolean }>(
      'select executor, version, expires_at > now() as alive from saga_leases',
    );
    return {
      dead: rows.filter(({ alive }) => !alive).map(({ executor }) => executor),
      liveVersions: new Set(rows.filter(({ alive }) => alive).map(({ version }) => version)),
    };
  }

  /**
   * Sagas that are ours by their row but that nobody here runs: the connection broke just after the engine had claimed
   * them. Only those that look so twice in a row, since a row is written a moment before and after the run itself.
   */
  async #dropped(find: Parameters<Workflows['listWorkflows']>[0]): Promise<WorkflowStatus[]> {
    const { workflows, lease, isRunning } = this.#options;
    const ours = await workflows.listWorkflows({
      ...find,
      executorId: lease.executor,
      status: 'PENDING',
      loadOutput: false,
    });
    const idle = ours.filter(({ workflowID }) => !isRunning(workflowID));
    const again = idle.filter(({ workflowID }) => this.#suspects.has(workflowID));
    this.#suspects = new Set(idle.map(({ workflowID }) => workflowID));
    return again;
  }

  async #takeOver({ workflowID, workflowName, executorId = '' }: WorkflowStatus): Promise<void> {
    const { workflows, metrics, log, limit } = this.#options;
    const takeovers = await this.#claim(workflowID, executorId);
    if (takeovers === undefined) return;
    // Between the list and the claim another process may have been quicker.
    const [now] = await workflows.listWorkflows({ workflowIDs: [workflowID], loadInput: false });
    if (now?.status !== 'PENDING' || now.executorId !== executorId) return;
    const facts = { saga: workflowName, saga_id: workflowID, from: executorId, takeovers };
    if (takeovers > limit) {
      await workflows.cancelWorkflow(workflowID);
      log.error(facts, 'saga taken over too often: it may be what kills the processes');
      return;
    }
    await workflows.resumeWorkflow(workflowID);
    metrics.takenOver(workflowName);
    log.warn(facts, 'saga taken over from a dead process');
  }

  /** Lets one process only take over a saga from a given dead one. Returns how often it has been taken over, else undefined. */
  async #claim(sagaId: string, from: string): Promise<number | undefined> {
    const { rows } = await this.#options.pool.query<{ takeovers: number }>(
      `insert into saga_takeovers as known (saga_id, takeovers, taken_from, taken_at) values ($1, 1, $2, now())
       on conflict (saga_id) do update
         set takeovers = known.takeovers + 1, taken_from = excluded.taken_from, taken_at = now()
         where known.taken_from <> excluded.taken_from or known.taken_at < now() - $3 * interval '1 ms'
       returning takeovers`,
      [sagaId, from, this.#options.leaseMs],
    );
    return rows[0]?.takeovers;
  }

  #report(): void {
    const { metrics, log } = this.#options;
    const { stuck, stranded } = this.attention;
    const groups = [
      { reason: 'stuck' as const, sagas: stuck },
      { reason: 'stranded' as const, sagas: stranded },
    ];
    metrics.waiting(
      groups.flatMap(({ reason, sagas }) => sagas.map(({ workflowName }) => ({ saga: workflowName, reason }))),
    );
    const seen = new Set<string>();
    for (const { reason, sagas } of groups) {
      for (const saga of sagas) {
        seen.add(`${reason} ${saga.workflowID}`);
        if (!this.#reported.has(`${reason} ${saga.workflowID}`)) log.error(describeSaga(saga), `saga is ${reason}`);
      }
    }
    this.#reported = seen;
  }
}
