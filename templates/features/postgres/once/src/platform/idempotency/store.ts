import { randomUUID } from 'node:crypto';
import type { Queries } from '../postgres/database.ts';
import { removeOld } from '../postgres/remove-old.ts';

export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** What is known of a key when a request comes with it. */
export type Claim =
  | { kind: 'ours'; owner: string }
  | { kind: 'answered'; answer: Answer }
  | { kind: 'at work' }
  | { kind: 'other request' };

export interface Key {
  /** Whose key it is: the same key of two callers is two keys. */
  scope: string;
  key: string;
  fingerprint: string;
}

interface Row {
  fingerprint: string;
  status: number | null;
  headers: Record<string, string> | null;
  body: Buffer | null;
}

/** Answers by key. Each call is a single statement, so no connection is held while a request is at work or waits. */
export class IdempotencyStore {
  readonly #queries: Queries;
  readonly #keepMs: number;
  readonly #lockMs: number;

  constructor(queries: Queries, { keepMs, lockMs }: { keepMs: number; lockMs: number }) {
    this.#queries = queries;
    this.#keepMs = keepMs;
    this.#lockMs = lockMs;
  }

  async claim({ scope, key, fingerprint }: Key): Promise<Claim> {
    const owner = randomUUID();
    const { rowCount } = await this.#queries.query(
      `insert into idempotency_keys as known (scope, key, fingerprint, owner, locked_until, expires_at)
       values ($1, $2, $3, $4, now() + $5 * interval '1 ms', now() + $6 * interval '1 ms')
       on conflict (scope, key) do update
         set fingerprint = excluded.fingerprint, owner = excluded.owner, locked_until = excluded.locked_until,
             expires_at = excluded.expires_at, status = null, headers = null, body = null
         where known.expires_at < now()
            or (known.status is null and known.locked_until < now() and known.fingerprint = excluded.fingerprint)`,
      [scope, key, fingerprint, owner, this.#lockMs, this.#keepMs],
    );
    if (rowCount === 1) return { kind: 'ours', owner };
    const { rows } = await this.#queries.query<Row>(
      'select fingerprint, status, headers, body from idempotency_keys where scope = $1 and key = $2',
      [scope, key],
    );
    const [row] = rows;
    if (row && row.fingerprint !== fingerprint) return { kind: 'other request' };
    if (!row?.status) return { kind: 'at work' };
    return {
      kind: 'answered',
      answer: { status: row.status, headers: row.headers ?? {}, body: row.body ?? Buffer.alloc(0) },
    };
  }

  /** Keeps the answer, unless the lock ran out and somebody else has done the request meanwhile. */
  async keep({ scope, key }: Key, owner: string, { status, headers, body }: Answer): Promise<void> {
    await this.#queries.query(
      'update idempotency_keys set status = $4, headers = $5, body = $6 where scope = $1 and key = $2 and owner = $3',
      [scope, key, owner, status, headers, body],
    );
  }

  /** Forgets a request that failed, so that it can be tried again. */
  async release({ scope, key }: Key, owner: string): Promise<void> {
    await this.#queries.query('delete from idempotency_keys where scope = $1 and key = $2 and owner = $3', [
      scope,
      key,
      owner,
    ]);
  }

  /** Up to `limit` keys. @returns how many it were */
  removeExpired(limit: number): Promise<number> {
    return removeOld(this.#queries, { table: 'idempotency_keys', column: 'expires_at', before: 'now()' }, limit);
  }
}
