// Copied into the scripts/ of a generated service, and run there: prints one JSON line of figures.
import { withLocalPrograms } from './local-programs.ts';

const events = Number(process.argv[2] ?? 3_000);
const commands = Number(process.argv[3] ?? 2_000);
const stored = Number(process.argv[4] ?? 100_000);
const rounds = 3;
const lanes = 16;

/** Runs `work` for 0…count-1, sixteen at a time. @returns seconds. */
async function timed(count, work) {
  const start = performance.now();
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return (performance.now() - start) / 1000;
}

process.exitCode = await withLocalPrograms('test', async (env) => {
  Object.assign(process.env, env, { LOG_LEVEL: 'fatal', DATABASE_POOL_MAX: '40' });
  const { buildApp } = await import('../src/app.ts');
  const app = await buildApp({ env: process.env, destination: { write() {} } });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const figures = { ours: [], needed: [], bare: [], failing: [], commands: [], sql: [] };
  const speed = await startEvents(app);
  const aggregate = await startCommands(app);
  // A service runs for days: what compiles on the way is nobody's cost.
  await speed.needed('warm');
  await speed.ours();
  await aggregate.sql('warm');
  await aggregate.commands('warm');
  for (let round = 0; round < rounds; round += 1) {
    figures.bare.push(await speed.bare(round));
    figures.needed.push(await speed.needed(round));
    figures.ours.push(await speed.ours());
    figures.sql.push(await aggregate.sql(round));
    figures.commands.push(await aggregate.commands(round));
  }
  await speed.stop();
  figures.failing.push(await failing(app));
  figures.rebuild = await aggregate.rebuild();
  await app.close();
  console.log(JSON.stringify(figures));
  return 0;
});

async function startEvents(app) {
  const { Consumer } = await import('../src/platform/events/consumer.ts');
  const { subscribe } = await import('../src/platform/events/subscription.ts');
  const { publish } = await import('../src/platform/events/outbox.ts');
  const { ordersCreated: event } = await import('../src/events/orders.created.ts');
  let handled = 0;
  let allHandled = () => {};
  const count = async () => {
    handled += 1;
    if (handled === events) allHandled();
  };
  const consumer = new Consumer({
    app,
    broker: app.broker,
    metrics: app.eventMetrics,
    subscription: subscribe(event, count, { concurrency: lanes }),
    ackWaitMs: 30_000,
    retryDelayMs: 1_000,
    drainMs: 5_000,
  });
  consumer.start();

  /** Seconds from the first event to the last effect. */
  const untilHandled = async (send) => {
    handled = 0;
    const all = new Promise((resolve) => {
      allHandled = resolve;
    });
    const start = performance.now();
    await Promise.all([all, timed(events, send)]);
    return (performance.now() - start) / 1000;
  };
  return {
    ours: async () =>
      events /
      (await untilHandled((n) =>
        app.database.transaction((tx) => publish(tx, event, { id: `o-${n}` }, { key: `o-${n % 500}` })),
      )),
    /** The two transactions and the one publish that the guarantee cannot do without, and nothing else. */
    async needed(round) {
      const { pool } = app.database;
      const insert = async (table, id) => {
        const client = await pool.connect();
        try {
          await client.query('begin');
          await client.query(`insert into ${table} values ($1, $2)`, [id, '{"id":"o-1"}']);
          await client.query('commit');
        } finally {
          client.release();
        }
      };
      await pool.query(
        'create table if not exists needed_changes (id text, data text); create table if not exists needed_effects (id text, data text)',
      );
      return overBroker(app, `needed${round}`, {
        untilHandled,
        handle: (id) => insert('needed_effects', id).then(count),
        before: (id) => insert('needed_changes', id),
      });
    },
    /** The same durability: NATS has stored each event before the next of its lane, and each is acknowledged. */
    bare: (round) => overBroker(app, `bare${round}`, { untilHandled, handle: count, before: async () => undefined }),
    stop: () => consumer.stop(),
  };
}

/** Events a second from change to effect over a stream of its own, sixteen side by side at both ends. */
async function overBroker(app, name, { untilHandled, handle, before }) {
  const js = await app.broker.jetstream();
  const manager = await app.broker.manager();
  await manager.streams.add({ name, subjects: [`${name}.created`] });
  await manager.consumers.add(name, { durable_name: 'bare', ack_policy: 'explicit' });
  const messages = await (await js.consumers.get(name, 'bare')).consume({ max_messages: lanes * 2 });
  const atWork = new Set();
  const reading = (async () => {
    for await (const message of messages) {
      const work = handle(message.json().id).then(() => {
        message.ack();
        atWork.delete(work);
      });
      atWork.add(work);
      if (atWork.size >= lanes) await Promise.race(atWork);
    }
  })();
  const seconds = await untilHandled(async (n) => {
    await before(`o-${n}`);
    await js.publish(`${name}.created`, JSON.stringify({ id: `o-${n}` }));
  });
  await messages.close();
  await reading;
  return events / seconds;
}

/** Events a second out of a full stream, over 20 keys, where two of a hundred attempts fail after their effect. */
async function failing(app) {
  const { Consumer } = await import('../src/platform/events/consumer.ts');
  const { subscribe } = await import('../src/platform/events/subscription.ts');
  const { encode } = await import('../src/platform/events/cloud-event.ts');
  const { ordersCreated } = await import('../src/events/orders.created.ts');
  const event = { ...ordersCreated, subject: 'failing.created' };
  const total = events * 5;
  const keys = 20;
  for (let first = 0; first < total; first += keys) {
    await Promise.all(
      Array.from({ length: keys }, (_, key) => {
        const message = encode(event, { id: `o-${first}` }, { id: `${key}-${first}`, key: `k-${key}` });
        message.headers['ce-sequence'] = `${first / keys + 1}`;
        return app.broker.publish(message);
      }),
    );
  }
  await app.database.query('create table failing_effects (id text)');
  let attempts = 0;
  const consumer = new Consumer({
    app,
    broker: app.broker,
    metrics: app.eventMetrics,
    subscription: subscribe(
      event,
      async ({ id }, { tx }) => {
        await tx.query('insert into failing_effects values ($1)', [id]);
        attempts += 1;
        if (attempts % 50 === 0) throw new Error('by the fiftieth');
      },
      { concurrency: lanes },
    ),
    ackWaitMs: 30_000,
    retryDelayMs: 20,
    drainMs: 5_000,
  });
  const start = performance.now();
  consumer.start();
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { rows } = await app.database.query('select count(*)::int as count from failing_effects');
    if (rows[0].count >= total) break;
  }
  const seconds = (performance.now() - start) / 1000;
  await consumer.stop();
  return total / seconds;
}

async function startCommands(app) {
  const { default: account } = await import('../src/aggregates/account/account.ts');
  const { default: summary } = await import('../src/projections/account-summary.ts');
  const { rebuild } = await import('../src/platform/event-store/projector.ts');
  const command = { type: 'Deposited', data: {} };
  await app.database.query(
    'create table plain (id text, version integer, type text, data jsonb, primary key (id, version))',
  );
  return {
    commands: async (round) =>
      commands / (await timed(commands, (n) => app.eventStore.execute(account, `${round}-${n % 1_000}`, command))),
    /** What it cannot do without: read the history, insert the next version, in one transaction. */
    sql: async (round) =>
      commands /
      (await timed(commands, async (n) => {
        const id = `${round}-${n % 1_000}`;
        const client = await app.database.pool.connect();
        try {
          await client.query('begin');
          const { rows } = await client.query('select version, type, data from plain where id = $1 order by version', [
            id,
          ]);
          await client.query('insert into plain values ($1, $2, $3, $4)', [
            id,
            rows.length + 1,
            command.type,
            command.data,
          ]);
          await client.query('commit');
        } finally {
          client.release();
        }
      })),
    async rebuild() {
      await app.database.query(
        `insert into domain_events (aggregate, aggregate_id, version, type, data)
         select 'account', 'r-' || n % 1000, n / 1000 + 1, 'Deposited', '{}' from generate_series(0, $1 - 1) n`,
        [stored],
      );
      // As autovacuum would soon do.
      await app.database.query('analyze domain_events');
      const start = performance.now();
      const count = await rebuild(app.database, summary, 500);
      return { events: count, seconds: (performance.now() - start) / 1000 };
    },
  };
}
