import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { ReceivedSpan } from '../../templates/base/test/support/collector.ts';
import { until } from '../cluster/until.ts';
import { linkDeclared } from '../generated/support/link-declared.ts';
import { runCommand } from '../generated/support/run-command.ts';
import { serviceEnvironment } from '../generated/support/service-environment.ts';
import { makeSystem } from './make-system.ts';
import { book, complete, customer, readEffects, undone } from './orders.ts';
import { type LogLine, type Place, type System, startSystem } from './start-system.ts';
import { type ServiceName, services } from './tour.ts';

const { path, everything } = inject('generated');

/** What waits for long in production waits for less here. */
const impatient: Partial<Record<ServiceName, Record<string, string>>> = {
  orders: {
    PAYMENTS_BREAKER_OPEN_MS: '1000',
    INVENTORY_BREAKER_OPEN_MS: '1000',
    SAGA_RETRY_DELAY_MS: '50',
    SAGA_LEASE_MS: '2000',
    SAGA_TAKEOVER_LIMIT: '50',
    EVENTS_TURN_MS: '1000',
  },
  notifications: { EVENTS_ACK_WAIT_MS: '2000' },
  gateway: { ORDERS_BREAKER_OPEN_MS: '1000' },
};

let system: System;
let shop: Awaited<ReturnType<typeof customer>>;
const log: LogLine[] = [];
let folder: string | undefined;

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'msvc-system-')));
  const env = serviceEnvironment(path);
  await makeSystem(folder, {
    run: (line, cwd) => runCommand(line, { cwd, env }).done,
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
async function expectWhole(states: Readonly<Record<string, string>>): Promise<void> {
  const told = async () => {
    const effects = await readEffects(system);
    return Object.entries(states).every(([id, state]) => state !== 'completed' || effects(id).told > 0);
  };
  await until('every complete order was told to its customer', told, { timeout: 120_000 });
  const effects = await readEffects(system);
  const wrong = Object.entries(states).flatMap(([id, state]) => {
    const [found, wanted] = [effects(id), state === 'completed' ? complete : undone];
    return JSON.stringify(found) === JSON.stringify(wanted) ? [] : [{ id, state, ...found }];
  });
  expect(wrong).toEqual([]);
}

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
  expect(log.filter(({ correlation_id, trace_id }) => correlation_id === 'the-one' && trace_id !== trace)).toEqual([]);
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

test('all of it ends when it is told to', async () => {
  await system.leaveAll();
});
