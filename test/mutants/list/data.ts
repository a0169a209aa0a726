import { mutantsOf } from '../mutant.ts';

export const data = [
  ...mutantsOf('src/platform/postgres/commit.ts', [
    {
      from: "if (command !== 'COMMIT') throw new RolledBack(failure);",
      to: '',
      harm: 'what Postgres rolled back is told as done',
      tests: ['transaction'],
    },
  ]),
  ...mutantsOf('src/platform/postgres/database.ts', [
    {
      from: 'return repeat(() => this.#transactionOnce(work));',
      to: 'return this.#transactionOnce(work);',
      harm: 'a deadlock is the caller’s trouble',
      tests: ['transaction'],
    },
    {
      from: 'await this.#begun;',
      to: '',
      harm: 'where the server does not begin, what comes after the first statement stays',
      tests: ['transaction'],
    },
    {
      from: "await runQuery(this.#client, 'rollback to savepoint inner_work; release savepoint inner_work', []);",
      to: '',
      harm: 'nothing goes on after what may fail',
      tests: ['transaction'],
    },
    {
      from: 'client.release(broken);',
      to: 'client.release();',
      harm: 'a broken connection is given to the next request',
      tests: ['transaction', 'postgres'],
    },
    {
      from: "['begin isolation level read committed', ...limitsOf(this.pool)]",
      to: "['begin isolation level read committed']",
      harm: 'behind a pooler a statement has no limit',
      tests: ['pgbouncer'],
    },
  ]),
  ...mutantsOf('src/platform/postgres/repeat.ts', [
    {
      from: 'if (attempt === attempts || !mayRepeat(error)) throw error;',
      to: 'if (attempt === attempts) throw error;',
      harm: 'what cannot succeed is tried five times',
      tests: ['transaction', 'postgres'],
    },
  ]),
  ...mutantsOf('src/platform/postgres/pool.ts', [
    {
      from: '    dropIdle(pool);\n',
      to: '',
      harm: 'idle connections stay with a demoted server',
      tests: ['failover'],
    },
    {
      from: '    client.end(() => undefined);\n',
      to: '',
      harm: 'a connection stays with a demoted server',
      tests: ['failover'],
    },
    {
      from: "pool.on('error', onError);",
      to: '',
      harm: 'an idle connection that breaks ends the process',
      tests: ['pool.test'],
    },
    {
      from: '...(statementTimeoutMs && { query_timeout: statementTimeoutMs + 1_000 }),',
      to: '',
      harm: 'a server that is frozen hangs every request',
      tests: ['postgres'],
    },
  ]),
  ...mutantsOf('src/platform/postgres/migrate.ts', [
    {
      from: 'begin; set local lock_timeout =',
      to: 'begin; --',
      harm: 'a waiting alter table stops the old replicas',
      tests: ['migrate'],
    },
    {
      from: 'if (!isHeldUp && asProblem(cause) instanceof Problem) throw cause;',
      to: '',
      harm: 'a broken connection is told as a fault of the file',
      tests: ['migrate'],
    },
  ]),
  ...mutantsOf('src/platform/postgres/in-turn.ts', [
    {
      from: 'while (!(await client.query<{ ours: boolean }>(take)).rows[0]?.ours) await wait(100);',
      to: 'await client.query(take);',
      harm: 'replicas migrate at the same time',
      tests: ['migrate'],
    },
  ]),
  ...mutantsOf('src/platform/postgres/problems.ts', [
    {
      from: "if (code === readOnly) return busy('database-read-only', 'The database takes no writes at the moment', error);",
      to: '',
      harm: 'a failover is a 500',
      tests: ['failover', 'postgres'],
    },
  ]),
  ...mutantsOf('src/platform/idempotency/store.ts', [
    {
      from: 'and known.fingerprint = excluded.fingerprint)`',
      to: ')`',
      harm: 'another request takes over a key',
      tests: ['idempotency'],
    },
    {
      from: "if (row && row.fingerprint !== fingerprint) return { kind: 'other request' };",
      to: '',
      harm: 'another request gets the stored answer',
      tests: ['idempotency'],
    },
    {
      from: "where scope = $1 and key = $2 and owner = $3',\n      [scope, key, owner, status, headers, body],",
      to: "where scope = $1 and key = $2 and $3::text is not null',\n      [scope, key, owner, status, headers, body],",
      harm: 'whoever lost its claim overwrites the answer',
      tests: ['idempotency'],
    },
    {
      from: 'where known.expires_at < now()\n',
      to: 'where true\n',
      harm: 'a key is done every time it comes',
      tests: ['idempotency'],
    },
  ]),
  ...mutantsOf('src/plugins/idempotency.ts', [
    {
      from: 'const passing = [401, 403, 408, 409, 423, 425, 429, 499];',
      to: 'const passing: number[] = [];',
      harm: 'an answer that was for now only is kept for a day',
      tests: ['idempotency'],
    },
    {
      from: "return typeof caller?.subject === 'string' ? caller.subject : '';",
      to: "return '';",
      harm: 'one caller is given the answer to another',
      tests: ['idempotency'],
    },
    {
      from: 'reply.statusCode < 500 && ',
      to: '',
      harm: 'a 500 is kept for a day',
      tests: ['idempotency'],
    },
  ]),
  ...mutantsOf('src/platform/redis/cache.ts', [
    {
      from: "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end",
      to: '',
      harm: 'a value from before an invalidation is stored after it',
      tests: ['cache'],
    },
    {
      from: 'if (running) return running as Promise<T>;',
      to: '',
      harm: 'callers of one process do not share a load',
      tests: ['cache'],
    },
    {
      from: 'await this.#store(key, token, undefined, ttlMs);',
      to: '',
      harm: 'after a failure nobody may load until the lease ends',
      tests: ['cache'],
    },
    {
      from: 'await this.#redis.del(valueKey(key), leaseKey(key));',
      to: 'await this.#redis.del(valueKey(key));',
      harm: 'what is being loaded survives an invalidation',
      tests: ['cache'],
    },
  ]),
  ...mutantsOf('src/platform/redis/client.ts', [
    {
      from: 'commandTimeout: timeoutMs,',
      to: '',
      harm: 'a frozen Redis hangs every request',
      tests: ['redis', 'cache'],
    },
    {
      from: 'reconnectOnError: ({ message }) => /\\bREADONLY\\b/.test(message),',
      to: '',
      harm: 'connections stay with a demoted Redis',
      tests: ['redis-failover'],
    },
    {
      from: 'autoResendUnfulfilledCommands: false,',
      to: '',
      harm: 'a command whose answer was lost is done twice',
      tests: ['redis'],
    },
  ]),
  ...mutantsOf('src/platform/event-store/execute.ts', [
    {
      from: 'if (done) return replay(aggregate, (await load<Event>(transaction, aggregate, id)).slice(0, done));',
      to: '',
      harm: 'a command sent twice happens twice',
      tests: ['event-store', 'aggregate'],
    },
    {
      from: 'const isFinal = options.expectedVersion !== undefined || attempt === attempts;',
      to: 'const isFinal = true;',
      harm: 'a lost race is the caller’s trouble',
      tests: ['event-store', 'aggregate'],
    },
    {
      from: 'if (expectedVersion !== undefined && expectedVersion !== before.version) {',
      to: 'if (false) {',
      harm: 'a caller overwrites what it has not seen',
      tests: ['event-store', 'aggregate'],
    },
  ]),
  ...mutantsOf('src/platform/event-store/projector.ts', [
    {
      from: 'for update skip locked',
      to: 'for share',
      harm: 'two replicas handle the same events',
      tests: ['event-store'],
    },
    {
      from: 'const upTo = await settledPosition(database);\n  return',
      to: 'const upTo = Number.MAX_SAFE_INTEGER;\n  return',
      harm: 'a reader passes by an event that is committed later',
      tests: ['event-store'],
    },
    {
      from: 'select pg_advisory_xact_lock(',
      to: 'select greatest(',
      harm: 'a rebuild misses what is committed meanwhile',
      tests: ['event-store'],
    },
  ]),
];
