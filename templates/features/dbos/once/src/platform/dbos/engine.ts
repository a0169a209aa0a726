import { isDeepStrictEqual } from 'node:util';
import { DBOS, Error as DbosErrors } from '@dbos-inc/dbos-sdk';
import { context, propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import type { FastifyInstance } from 'fastify';
import type pg from 'pg';
import { service } from '../../identity.ts';
import { correlationId, withCorrelationId } from '../context.ts';
import { advisoryLocks } from '../postgres/advisory-locks.ts';
import { inTurn } from '../postgres/in-turn.ts';
import { untilReachable } from '../postgres/until-reachable.ts';
import { Problem } from '../problem.ts';
import type { SagaOutcome } from '../sagas/outcome.ts';
import { runSaga } from '../sagas/run-saga.ts';
import type { Saga } from '../sagas/saga.ts';
import { DbosAttempts, type Runtime } from './attempts.ts';
import { isOf, type SagaStart, startOf, workflowId } from './workflows.ts';

type Workflow = (start: SagaStart) => Promise<SagaOutcome>;

/** The engine that DBOS runs in this process: it keeps its state in global variables, so there can be one. */
let launched: DbosEngine | undefined;

/** The sagas of this process as workflows of DBOS. */
export class DbosEngine {
  readonly #runtime: Runtime;
  readonly #sagas: readonly Saga[];
  #workflows: ReadonlyMap<Saga, Workflow> = new Map();
  readonly #running = new Set<string>();

  /** @param sagas those that it can run; more may be added to the list until it is launched */
  constructor(runtime: Runtime, sagas: readonly Saga[]) {
    this.#runtime = runtime;
    this.#sagas = sagas;
  }

  /** @returns false where another app of this process runs the sagas already, as in a test that makes two. */
  async launch(options: {
    pool: pg.Pool;
    databaseUrl: string;
    version: string;
    startTimeoutMs: number;
  }): Promise<boolean> {
    if (launched) return false;
    launched = this;
    const { app, lease } = this.#runtime;
    this.#workflows = new Map(
      this.#sagas.map((saga) => [saga, DBOS.registerWorkflow(this.#workflow(saga), { name: saga.name })]),
    );
    // The first renewal comes before the first saga: from then on a death of this process is seen by the others.
    await untilReachable(() => lease.renew(), { timeoutMs: options.startTimeoutMs, log: app.log });
    DBOS.setConfig({
      name: service.name,
      systemDatabaseUrl: options.databaseUrl,
      systemDatabasePool: options.pool,
      executorID: lease.executor,
      applicationVersion: options.version,
      // LISTEN needs a session of its own, which a connection pooler does not give; nothing here waits for it.
      useListenNotify: false,
      logger: quieter(app.log),
    });
    // The engine brings its own tables up to date: of several replicas that do so at once all but one would fail.
    await inTurn(options.pool, advisoryLocks.sagaEngine, () => DBOS.launch());
    return true;
  }

  /**
   * Starts a saga, or finds the one that was started with the same id before.
   * @returns whether it is a new one
   * @throws Problem 422 where the other one was started with another input, or by another caller
   */
  async start<Input>(saga: Saga<Input>, id: string, input: Input, caller?: string): Promise<boolean> {
    if (launched !== this) throw new Error('The sagas of this process run in another app');
    const workflow = this.#workflows.get(saga as Saga);
    if (!workflow) throw new Error(`Saga ${saga.name} is not under src/sagas`);
    await this.#runtime.lease.regain();
    const workflowID = workflowId(saga.name, id);
    const trace: Record<string, string> = {};
    propagation.inject(context.active(), trace);
    const start: SagaStart = {
      input,
      deadline: Date.now() + saga.timeoutMs,
      trace,
      ...(correlationId() && { correlationId: correlationId() as string }),
      ...(caller !== undefined && { caller }),
    };
    try {
      await DBOS.startWorkflow(workflow, { workflowID, workflowIDReusePolicy: 'reject' })(start);
      return true;
    } catch (error) {
      if (!DbosErrors.isWorkflowIDInUseError(error)) throw error;
      await this.#sameStart(workflowID, input, caller);
      return false;
    }
  }

  isRunning = (id: string): boolean => this.#running.has(id);

  async shutdown(drainMs: number): Promise<void> {
    if (launched !== this) return;
    await DBOS.shutdown({ deregister: true, workflowCompletionTimeoutMS: drainMs });
    launched = undefined;
  }

  async #sameStart(workflowID: string, input: unknown, caller: string | undefined): Promise<void> {
    const [known] = await DBOS.listWorkflows({ workflowIDs: [workflowID] });
    if (known && !isOf(caller, known))
      throw new Problem(422, 'saga-id-in-use', 'Somebody else has a saga with this id');
    // Compared as it is stored: JSON knows no undefined.
    if (known && !isDeepStrictEqual(plain(startOf(known).input), plain(input))) {
      throw new Problem(422, 'saga-id-in-use', 'A saga with this id was started with another input');
    }
  }

  #workflow(saga: Saga): Workflow {
    return async ({ input, deadline, correlationId: id, trace }) => {
      const { metrics, app } = this.#runtime;
      const sagaId = DBOS.workflowID as string;
      const facts = { saga: saga.name, saga_id: sagaId };
      const parent = propagation.extract(ROOT_CONTEXT, trace);
      const attempts = new DbosAttempts(this.#runtime, saga, sagaId, input, deadline);
      return context.with(id ? withCorrelationId(parent, id) : parent, async () => {
        let outcome: string | undefined;
        this.#running.add(sagaId);
        metrics.started(saga.name);
        try {
          const ended = await runSaga(saga, attempts);
          outcome = ended.outcome;
          app.log.info({ ...facts, outcome }, `saga ${outcome}`);
          return ended;
        } catch (error) {
          if (error instanceof Error && error.name === 'SagaStuck') outcome = 'stuck';
          throw error;
        } finally {
          this.#running.delete(sagaId);
          metrics.ended(saga.name, outcome, (Date.now() - (deadline - saga.timeoutMs)) / 1000);
        }
      });
    };
  }
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));

/** What the engine tells of its start, and of every attempt (we say that ourselves), is for debugging; its warnings are not. */
function quieter(log: FastifyInstance['log']) {
  const text = (entry: unknown): string => (typeof entry === 'string' ? entry : String(entry));
  const isAttempt = (entry: unknown): boolean => /^(Error in step being|Non-retryable error in step)/.test(text(entry));
  return {
    info: (entry: unknown) => log.debug(text(entry)),
    debug: (entry: unknown) => log.debug(text(entry)),
    warn: (entry: unknown) => log[isAttempt(entry) ? 'debug' : 'warn'](text(entry)),
    error: (entry: unknown, details?: { error?: unknown }) => log.error({ err: details?.error }, text(entry)),
  };
}
