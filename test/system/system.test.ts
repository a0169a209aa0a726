import { spawnSync } from 'node:child_process';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { ReceivedSpan } from '../../templates/base/test/support/collector.ts';
import { until } from '../cluster/until.ts';
import { linkDeclared } from '../generated/support/link-declared.ts';
import { runCommand } from '../generated/support/run-command.ts';
import { serviceEnvironment } from '../generated/support/service-environment.ts';
import { makeSystem } from './make-system.ts';
import { book, customer, findHalf, type Placed } from './orders.ts';
import { type LogLine, type Place, type System, startSystem } from './start-system.ts';
import { type ServiceName, services } from './tour.ts';

const { path, everything } = inject('generated');

/** What waits for long in production waits for less here. */
const impatient: Partial<Record<ServiceName, Record<string, string>>> = {
  orders: {
    PAYMENTS_BREAKER_OPEN_MS: '1000',
    INVENTORY_BREAKER_OPEN_MS: '1000',
    SAGA_RETRY_DELAY_MS: '50',
    SAGA_COMPENSATION_ATTEMPTS: '12',
    SAGA_LEASE_MS: '2000',
    SAGA_TAKEOVER_LIMIT: '50',
    EVENTS_TURN_MS: '1000',
  },
  notifications: { EVENTS_ACK_WAIT_MS: '2000' },
  gateway: { ORDERS_BREAKER_OPEN_MS: '1000' },
};

/** What of each service was written by hand, or stands beside it: parts of names of its own tests. */
const byHand: Readonly<Record<ServiceName, readonly string[]>> = {
  inventory: ['contract'],
  payments: ['contract'],
  notifications: ['contract', 'orders.confirmed'],
  orders: ['contract', 'order-', 'orders.confirmed', 'payments-client', 'inventory-client'],
  gateway: ['gateway-routes'],
};

const withoutRedis = spawnSync('redis-server', ['--version']).status !== 0;

describe.skipIf(withoutRedis)('five services as one system', () => {
  let system: System;
  let shop: Awaited<ReturnType<typeof customer>>;
  const log: LogLine[] = [];
  let folder: string | undefined;
  const run = (line: string, cwd: string) => runCommand(line, { cwd, env: serviceEnvironment(path) }).done;

  beforeAll(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'msvc-system-')));
    await makeSystem(folder, {
      run,
      install: (service) => linkDeclared(service, everything),
    });
    const told = (service: ServiceName, line: string) => {
      if (line.startsWith('{')) log.push({ ...JSON.parse(line), service });
    };
    system = await startSystem(folder, { env: impatient, twoPlaces: true, told });
    shop = await customer(system);
  });

  afterAll(async () => {
    await system?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  /** Names of a span and of all above it, each with its service, the highest first. */
  function lineage(span: ReceivedSpan | undefined): string[] {
    if (!span) return [];
    const above = system.spans.find(({ spanId }) => spanId === span.parentSpanId);
    return [...lineage(above), `${span.resource['service.name']}: ${span.name}`];
  }

  /** Each of these orders is all there or not at all, in every database. */
  const expectWhole = async (states: Readonly<Record<string, string>>): Promise<void> =>
    expect(await findHalf(system, states)).toEqual([]);

  test('one order is one trace and one correlation id, from the gateway to the last consumer', async () => {
    const answer = await shop.put('one', book, { 'x-correlation-id': 'the-one' });
    expect([answer.status, answer.headers.get('x-correlation-id')]).toEqual([202, 'the-one']);
    expect(await shop.untilEnded(['one'])).toEqual({ one: 'completed' });

    const find = (service: string, name: string) =>
      system.spans.find((span) => span.name === name && span.resource['service.name'] === service);
    await until(
      'the spans of the consumer have come',
      () => find('notifications', 'process orders.confirmed') !== undefined,
    );
    await until('those of the gateway have come', () => find('gateway', 'PUT /api/orders/*') !== undefined);

    const toOrders = ['gateway: PUT /api/orders/*', 'gateway: PUT', 'orders: PUT /v1/place-order/:id'];
    const reserve = 'inventory.v1.InventoryService/Reserve';
    expect(lineage(find('inventory', reserve))).toEqual([
      ...toOrders,
      'orders: place-order reserve-stock',
      `orders: ${reserve}`,
      `inventory: ${reserve}`,
    ]);
    expect(lineage(find('payments', 'POST /v1/charges'))).toEqual([
      ...toOrders,
      'orders: place-order charge-payment',
      'orders: POST',
      'payments: POST /v1/charges',
    ]);
    expect(lineage(find('notifications', 'process orders.confirmed'))).toEqual([
      ...toOrders,
      'orders: place-order confirm-order',
      'orders: execute order',
      'orders: create orders.confirmed',
      'notifications: process orders.confirmed',
    ]);

    const trace = find('gateway', 'PUT /api/orders/*')?.traceId;
    const lines = log.filter(({ trace_id }) => trace_id === trace);
    expect(new Set(lines.map(({ service }) => service))).toEqual(new Set(services));
    expect(lines.filter(({ correlation_id }) => correlation_id !== 'the-one')).toEqual([]);
    expect(log.filter(({ correlation_id, trace_id }) => correlation_id === 'the-one' && trace_id !== trace)).toEqual(
      [],
    );
  });

  test('an order that somebody refuses is undone, and the gateway lets nobody in without a token', async () => {
    await shop.put('sold-out', { ...book, sku: 'sold-out' });
    await shop.put('dear', { ...book, cents: 1_000_000 });
    const states = await shop.untilEnded(['sold-out', 'dear']);
    expect(states).toEqual({ 'sold-out': 'compensated', dear: 'compensated' });
    await expectWhole(states);
    const [gateway] = system.urls('gateway');
    expect((await fetch(`${gateway}/api/orders/one`)).status).toBe(401);
  });

  const healthOf = async (service: ServiceName) => {
    const response = await fetch(`${system.urls(service)[0]}/health`);
    return (await response.json()) as { status: string; checks: Record<string, { circuit?: string }> };
  };

  test('payments is killed: its breaker opens, orders are taken and wait or are undone, and all heals by itself', async () => {
    await system.kill('payments');
    const ids = Array.from({ length: 12 }, (_, number) => `unpaid-${number}`);
    const answers = await Promise.all(ids.map(async (id) => (await shop.put(id)).status));
    expect(answers).toEqual(ids.map(() => 202));

    await until('the breaker opens', async () => (await healthOf('orders')).checks.payments?.circuit === 'open');
    expect((await healthOf('orders')).status).toBe('degraded');
    // Its caller is not unhealthy for it, and goes on with whatever needs no payment.
    expect((await fetch(`${system.urls('orders')[0]}/health/ready`)).status).toBe(200);
    await until('one is given up', async () => (await shop.status(ids[0] as string)).state === 'compensating', {
      timeout: 120_000,
    });
    expect((await shop.put('unpaid-later')).status).toBe(202);

    await system.start('payments');
    const states = await shop.untilEnded([...ids, 'unpaid-later']);
    expect(states['unpaid-later']).toBe('completed');
    await expectWhole(states);
    await until('all is well', async () => (await healthOf('orders')).status === 'healthy');
  });

  test('orders is killed: the gateway says so at once, and is well again by itself', async () => {
    const accepted = await shop.place('before-the-kill', 0);
    expect(accepted.answers).toEqual([202]);
    await system.kill('orders');
    const first = await shop.put('while-away');
    expect([502, 503]).toContain(first.status);
    expect(first.headers.get('content-type')).toContain('application/problem+json');
    await until('the breaker of the gateway opens', async () => {
      const answer = await shop.put('while-away');
      await answer.arrayBuffer();
      return answer.status === 503 && answer.headers.has('retry-after');
    });
    await system.start('orders');
    await until('orders are taken again', async () => (await shop.put('while-away')).status === 202);
    await expectWhole(await shop.untilEnded(['before-the-kill', 'while-away']));
  });

  test('each service is rolled out under load: not one request fails, and every order is complete', async () => {
    const enough = new AbortController();
    const placed: Placed[] = [];
    const loading = shop.load('rolled', placed, enough.signal);
    for (const service of services) {
      for (const [before, after] of [
        [0, 1],
        [1, 0],
      ] as [Place, Place][]) {
        await system.start(service, after);
        await system.leave(service, before);
      }
    }
    enough.abort();
    await loading;
    console.log(`${placed.length} orders during the rollouts`);
    expect(placed.filter(({ answers }) => answers.join() !== '202')).toEqual([]);
    const states = await shop.untilEnded(placed.map(({ id }) => id));
    expect(Object.entries(states).filter(([, state]) => state !== 'completed')).toEqual([]);
    await expectWhole(states);
  });

  test('services are killed at random under load: what may be repeated is not lost, and no order is half or double', async () => {
    const seed = Number(process.env.SYSTEM_SEED ?? 17);
    // Two at a time, each service with another one each time.
    const order = shuffled(services, seed);
    const victims = order.map((service, index) => [service, order[(index + 1) % order.length] as ServiceName] as const);
    console.log(`killed, by SYSTEM_SEED=${seed}: ${victims.map((pair) => pair.join(' and ')).join(', ')}`);
    const enough = new AbortController();
    const placed: Placed[] = [];
    const loading = shop.load('killed', placed, enough.signal, { repeats: 300 });
    for (const pair of victims) {
      await Promise.all(pair.map((service) => system.kill(service)));
      await Promise.all(pair.map((service) => system.start(service)));
      const before = placed.length;
      await until('orders go on', () => placed.length > before + 20);
    }
    enough.abort();
    await loading;
    console.log(`${placed.length} orders during the kills`);
    expect(placed.filter(({ answers }) => answers.at(-1) !== 202)).toEqual([]);
    expect(placed.filter(({ answers }) => answers.length > 1).length, 'orders that had to be repeated').toBeGreaterThan(
      0,
    );
    await expectWhole(await shop.untilEnded(placed.map(({ id }) => id)));
    for (const service of services)
      await until(`${service} is well`, async () => (await healthOf(service)).status === 'healthy');
  });

  test('all of it ends when it is told to', async () => {
    await system.leaveAll();
  });

  test('each service passes its own lint and the tests of what was written into it', async () => {
    for (const service of services) {
      const cwd = join(system.folder, service);
      await run('npm run lint', cwd);
      await run(`npm test -- ${byHand[service].join(' ')}`, cwd);
    }
  });
});

/** The same order for the same seed (mulberry32). */
function shuffled<T>(all: readonly T[], seed: number): T[] {
  let state = seed;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return all
    .map((one) => [random(), one] as const)
    .sort(([a], [b]) => a - b)
    .map(([, one]) => one);
}
