import { SpanKind } from '@opentelemetry/api';
import type pg from 'pg';
import { withSpan } from '../tracing/span.ts';
import { beginWith } from './begin-with.ts';
import { commit, RolledBack } from './commit.ts';
import { limitsOf } from './pool.ts';
import { asProblem } from './problems.ts';
import { repeat } from './repeat.ts';

export interface Queries {
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<pg.QueryResult<Row>>;
}

export interface Transaction extends Queries {
  /**
   * Runs what may fail: where `work` throws, what it wrote is undone, and the transaction can go on. Without it Postgres
   * refuses everything after a statement that failed, also where the error is caught. One at a time; they may be nested.
   */
  savepoint<T>(work: () => Promise<T>): Promise<T>;
}

/** Postgres as the service uses it: every statement in a span, failures of the database as a 503 that says so. */
export class Database implements Queries {
  readonly pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.pool = pool;
  }

  query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<pg.QueryResult<Row>> {
    return repeat(() => runQuery<Row>(this.pool, text, values));
  }

  /**
   * Runs `work` in one transaction: all of it happens, or, where it throws, nothing. Where Postgres undid it for the sake
   * of others (deadlock, serialization failure) or must not write any more (failover), `work` runs again, up to five
   * times in all: what it does beside the transaction must be safe to repeat.
   * @throws RolledBack where an error of a statement was caught and the transaction could not be committed for it
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return repeat(() => this.#transactionOnce(work));
  }

  async #transactionOnce<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    const client = await this.pool.connect().catch((error) => Promise.reject(asProblem(error)));
    // Each statement sees what others have committed before it, whatever the default of this database is.
    const begin = ['begin isolation level read committed', ...limitsOf(this.pool)];
    const transaction = new OpenTransaction(client, begin);
    let broken: Error | undefined;
    try {
      const result = await work(transaction);
      await transaction.commit();
      return result;
    } catch (error) {
      await client.query('rollback').catch((failed: Error) => {
        broken = failed;
      });
      throw error;
    } finally {
      client.release(broken);
    }
  }
}

class OpenTransaction implements Transaction {
  readonly #client: pg.PoolClient;
  readonly #begin: readonly string[];
  /** With the first statement, which saves a round trip. The next ones wait: sent before it has begun, they might stay. */
  #begun: Promise<unknown> | undefined;
  /** Why Postgres refuses all further statements. */
  #failure: unknown;

  constructor(client: pg.PoolClient, begin: readonly string[]) {
    this.#client = client;
    this.#begin = begin;
  }

  async query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) {
    try {
      return await this.#send<Row>(text, values);
    } catch (error) {
      this.#failure ??= error;
      throw error;
    }
  }

  async #send<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[]) {
    if (!this.#begun && values.length > 0) {
      const first = inSpan(text, () => beginWith<Row>(this.#client, this.#begin, text, values));
      this.#begun = first;
      return first;
    }
    this.#begun ??= runQuery(this.#client, this.#begin.join('; '), []);
    await this.#begun;
    return runQuery<Row>(this.#client, text, values);
  }

  async savepoint<T>(work: () => Promise<T>): Promise<T> {
    await this.query('savepoint inner_work');
    try {
      const result = await work();
      await this.query('release savepoint inner_work');
      return result;
    } catch (error) {
      // The name may be used again inside: Postgres takes the newest. Releasing it uncovers the outer one.
      await runQuery(this.#client, 'rollback to savepoint inner_work; release savepoint inner_work', []);
      this.#failure = undefined;
      throw error;
    }
  }

  async commit(): Promise<void> {
    if (!this.#begun) return;
    await this.#begun.catch((cause) => Promise.reject(new RolledBack(cause)));
    await inSpan('commit', () => commit(this.#client, this.#failure));
  }
}

const runQuery = <Row extends pg.QueryResultRow>(
  on: pg.Pool | pg.PoolClient,
  text: string,
  values: readonly unknown[],
): Promise<pg.QueryResult<Row>> => inSpan(text, () => on.query<Row>(text, [...values]));

function inSpan<T>(text: string, run: () => Promise<T>): Promise<T> {
  const operation = /^\w*/.exec(text.trimStart())?.[0].toUpperCase() ?? '';
  const attributes = { 'db.system.name': 'postgresql', 'db.operation.name': operation, 'db.query.text': text };
  return withSpan(operation, { kind: SpanKind.CLIENT, attributes }, () =>
    run().catch((error) => Promise.reject(asProblem(error))),
  );
}
