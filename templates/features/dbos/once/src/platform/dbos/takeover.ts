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

const pageSize = 500;

/** Finds the sagas that other processes left, and makes the engine run them again; any live process may do so. */
export class Takeover {
  /** At most a page of each. */
  attention: Attention = { stuck: [], stranded: [] };
  readonly #options: TakeoverOptions;
  #suspects = new Set<string>();
  #reported = new Set<string>();

  constructor(options: TakeoverOptions) {
    this.#options = options;
  }

  async sweep(): Promise<void> {
    const { workflows } = this.#options;
    const { gone, released, liveVersions } = await this.#processes();
    // Those of our version alone: others may be any number, and would stand in front of them for as long as they wait.
    while (gone.length > 0) {
      const orphans = await this.#page({
        executorId: gone,
        status: 'PENDING',
        applicationVersion: this.#options.version,
      });
      if ((await this.#takeOverAll(orphans, released)) === 0 || orphans.length < pageSize) break;
    }
    await this.#takeOverAll(await this.#dropped(), released);

    const left = gone.length > 0 ? await this.#page({ executorId: gone, status: 'PENDING' }) : [];
    const waiting = await this.#page({ status: 'ENQUEUED' });
    const isStranded = (saga: WorkflowStatus) => !liveVersions.has(saga.applicationVersion ?? '');
    this.attention = {
      stuck: await workflows.listWorkflows({ ...this.#ours(), status: [...stuck] }),
      stranded: [...left, ...waiting].filter(isStranded),
    };
    this.#report();
  }

  #ours() {
    return { workflowName: this.#options.sagas.map(({ name }) => name), loadInput: false, limit: pageSize };
  }

  #page(find: Parameters<Workflows['listWorkflows']>[0]): Promise<WorkflowStatus[]> {
    return this.#options.workflows.listWorkflows({ ...this.#ours(), loadOutput: false, ...find });
  }

  /** Those that are gone, dead or released, and of which version there are live ones. */
  async #processes(): Promise<{ gone: string[]; released: Set<string>; liveVersions: Set<string> }> {
    const { rows } = await this.#options.pool.query<{
      executor: string;
      version: string;
      alive: boolean;
      released: boolean;
    }>('select executor, version, expires_at > now() as alive, released from saga_leases');
    const gone = rows.filter(({ alive }) => !alive);
    return {
      gone: gone.map(({ executor }) => executor),
      released: new Set(gone.filter(({ released }) => released).map(({ executor }) => executor)),
      liveVersions: new Set(rows.filter(({ alive }) => alive).map(({ version }) => version)),
    };
  }

  /**
   * Sagas that are ours by their row but that nobody here runs: the connection broke just after the engine had claimed
   * them. Only those that look so twice in a row, since a row is written a moment before and after the run itself.
   */
  async #dropped(): Promise<WorkflowStatus[]> {
    const { lease, isRunning } = this.#options;
    const idle: WorkflowStatus[] = [];
    for (let offset = 0; ; offset += pageSize) {
      const page = await this.#page({ executorId: lease.executor, status: 'PENDING', offset });
      idle.push(...page.filter(({ workflowID }) => !isRunning(workflowID)));
      if (page.length < pageSize) break;
    }
    const again = idle.filter(({ workflowID }) => this.#suspects.has(workflowID));
    this.#suspects = new Set(idle.map(({ workflowID }) => workflowID));
    return again;
  }

  /** @returns how many of them are this process's doing. */
  async #takeOverAll(orphans: readonly WorkflowStatus[], released: ReadonlySet<string>): Promise<number> {
    let taken = 0;
    for (const orphan of orphans) if (await this.#takeOver(orphan, released.has(orphan.executorId ?? ''))) taken += 1;
    return taken;
  }

  /** @param handedOver its process said goodbye, as at a rollout: no sign that the saga kills whoever runs it. */
  async #takeOver(
    { workflowID, workflowName, executorId = '' }: WorkflowStatus,
    handedOver: boolean,
  ): Promise<boolean> {
    const { workflows, metrics, log, limit } = this.#options;
    const takeovers = await this.#claim(workflowID, executorId, handedOver ? 0 : 1);
    if (takeovers === undefined) return false;
    // Between the list and the claim another process may have been quicker.
    const [now] = await workflows.listWorkflows({ workflowIDs: [workflowID], loadInput: false });
    if (now?.status !== 'PENDING' || now.executorId !== executorId) return false;
    const facts = { saga: workflowName, saga_id: workflowID, from: executorId, takeovers };
    if (takeovers > limit) {
      await workflows.cancelWorkflow(workflowID);
      log.error(facts, 'saga taken over too often: it may be what kills the processes');
      return true;
    }
    await workflows.resumeWorkflow(workflowID);
    if (handedOver) {
      log.info(facts, 'saga handed over by a process that ended');
      return true;
    }
    metrics.takenOver(workflowName);
    log.warn(facts, 'saga taken over from a dead process');
    return true;
  }

  /**
   * Lets one process only take over a saga from a given one.
   * @param count 1 where that one died, 0 where it said goodbye
   * @returns how often it has been taken over from a dead one; undefined where another process has it
   */
  async #claim(sagaId: string, from: string, count: 0 | 1): Promise<number | undefined> {
    const { rows } = await this.#options.pool.query<{ takeovers: number }>(
      `insert into saga_takeovers as known (saga_id, takeovers, taken_from, taken_at) values ($1, $4, $2, now())
       on conflict (saga_id) do update
         set takeovers = known.takeovers + $4, taken_from = excluded.taken_from, taken_at = now()
         where known.taken_from <> excluded.taken_from or known.taken_at < now() - $3 * interval '1 ms'
       returning takeovers`,
      [sagaId, from, this.#options.leaseMs, count],
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
