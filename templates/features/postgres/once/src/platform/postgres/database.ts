import { SpanKind } from '@opentelemetry/api';
import type pg from 'pg';
import { withSpan } from '../tracing/span.ts';
import { asProblem } from './problems.ts';

export interface Queries {
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<pg.QueryResult<Row>>;
}

/** Postgres as the service uses it: every statement in a span, failures of the database as a 503 that says so. */
export class Database implements Queries {
  readonly pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.pool = pool;
  }

  query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<pg.QueryResult<Row>> {
    return runQuery<Row>(this.pool, text, values);
  }

  /** Runs `work` in one transaction: all of it happens, or, where it throws, nothing. */
  async transaction<T>(work: (queries: Queries) => Promise<T>): Promise<T> {
    const client = await this.pool.connect().catch((error) => Promise.reject(asProblem(error)));
    let broken: Error | undefined;
    // A connection that breaks while it is ours reports that here too; unheard, it would end the process.
    const onError = (error: Error): void => {
      broken = error;
    };
    client.on('error', onError);
    const queries: Queries = { query: (text, values = []) => runQuery(client, text, values) };
    try {
      // Each statement sees what others have committed before it, whatever the default of this database is.
      await queries.query('begin isolation level read committed');
      const result = await work(queries);
      await queries.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch(onError);
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  }
}

function runQuery<Row extends pg.QueryResultRow>(
  on: pg.Pool | pg.PoolClient,
  text: string,
  values: readonly unknown[],
): Promise<pg.QueryResult<Row>> {
  const operation = text.trimStart().split(/\s/, 1)[0]?.toUpperCase() ?? '';
  const attributes = { 'db.system.name': 'postgresql', 'db.operation.name': operation, 'db.query.text': text };
  return withSpan(operation, { kind: SpanKind.CLIENT, attributes }, () =>
    on.query<Row>(text, [...values]).catch((error) => Promise.reject(asProblem(error))),
  );
}
