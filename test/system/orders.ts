import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../cluster/until.ts';
import type { System } from './start-system.ts';
import { requestToken } from './token.ts';

export interface OrderInput {
  sku: string;
  quantity: number;
  cents: number;
}

export const book: OrderInput = { sku: 'book', quantity: 1, cents: 500 };

interface SagaStatus {
  state: 'running' | 'compensating' | 'completed' | 'compensated' | 'stuck';
}

/** How the requests of a customer ended. */
export interface Placed {
  id: string;
  /** Statuses of the gateway, or what broke the connection; the last one counts. */
  answers: (number | string)[];
}

/** What a customer does, through the gateway, and what has become of it in the databases of all services. */
export async function customer(system: System) {
  const authorization = `Bearer ${await requestToken(system.servers.issuer, 'orders:write')}`;
  const gateways = system.urls('gateway');

  /** By one of the gateway's places, as an edge in front of it does: where nobody listens nothing was sent. */
  const send = async (path: string, init: RequestInit): Promise<Response> => {
    const headers = { authorization, 'content-type': 'application/json', ...init.headers };
    let refused: unknown;
    for (const gateway of gateways) {
      try {
        return await fetch(`${gateway}${path}`, { ...init, headers });
      } catch (error) {
        if ((error as { cause?: { code?: string } }).cause?.code !== 'ECONNREFUSED') throw error;
        refused = error;
      }
    }
    throw refused;
  };

  const put = (id: string, input = book, headers: Record<string, string> = {}): Promise<Response> =>
    send(`/api/orders/${id}`, { method: 'PUT', body: JSON.stringify(input), headers });

  const status = async (id: string): Promise<SagaStatus> => {
    const response = await send(`/api/orders/${id}`, {});
    if (response.status !== 200) throw new Error(`${id}: ${response.status} ${await response.text()}`);
    return (await response.json()) as SagaStatus;
  };

  /** The same request until it is answered well: it may be repeated, since its id names the order. */
  const place = async (id: string, repeats: number): Promise<Placed> => {
    const answers: Placed['answers'] = [];
    while (answers.length <= repeats) {
      const answer = await put(id).then(
        async (response) => {
          await response.arrayBuffer();
          return response.status;
        },
        (error: Error & { cause?: { code?: string } }) => error.cause?.code ?? error.message,
      );
      answers.push(answer);
      if (answer === 202) break;
      await pause(200);
    }
    return { id, answers };
  };

  /** Orders one after another, from several customers at once, until `enough` aborts; each is in `placed` once it has its answer. */
  const load = async (
    name: string,
    placed: Placed[],
    enough: AbortSignal,
    { repeats = 0, customers = 6 } = {},
  ): Promise<void> => {
    const one = async (number: number): Promise<void> => {
      for (let count = 0; !enough.aborted; count += 1) {
        placed.push(await place(`${name}-${number}-${count}`, repeats));
        await pause(50);
      }
    };
    await Promise.all(Array.from({ length: customers }, (_, number) => one(number)));
  };

  /** Waits until each of these has ended, in whatever way. @returns the state of each */
  const untilEnded = async (ids: readonly string[], timeout = 240_000): Promise<Record<string, string>> => {
    const states: Record<string, string> = {};
    const open = new Set(ids);
    const look = async (): Promise<boolean> => {
      for (const id of open) {
        const { state } = await status(id);
        states[id] = state;
        if (state === 'completed' || state === 'compensated') open.delete(id);
      }
      return open.size === 0;
    };
    await until('every order is complete or undone', look, { timeout }).catch((error: Error) => {
      throw new Error(`${error.message}: ${[...open].map((id) => `${id} ${states[id]}`).join(', ')}`);
    });
    return states;
  };

  return { put, status, place, load, untilEnded };
}

/** What stands for an order in all databases. */
interface Effects {
  /** In the order in which it happened. */
  events: string[];
  reserved: number;
  charged: number;
  told: number;
}

const complete: Effects = { events: ['Opened', 'Confirmed'], reserved: 1, charged: 1, told: 1 };
const undone: Effects = { events: ['Opened', 'Cancelled'], reserved: 0, charged: 0, told: 0 };

/** What the databases of all services say of each order. */
async function readEffects({ folder, servers }: System): Promise<(id: string) => Effects> {
  const { Client } = createRequire(join(folder, 'orders/package.json'))('pg');
  const rows = async (service: string, text: string): Promise<{ id: string; what: string }[]> => {
    const client = new Client({ connectionString: servers.databases[service] });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  };
  const [events, reservations, charges, notifications] = await Promise.all([
    rows(
      'orders',
      "select aggregate_id as id, type as what from domain_events where aggregate = 'order' order by version",
    ),
    rows('inventory', 'select order_id as id from reservations where not released'),
    rows('payments', 'select order_id as id from charges where not refunded'),
    rows('notifications', 'select order_id as id from notifications'),
  ]);
  const count = (all: readonly { id: string }[], id: string) => all.filter((row) => row.id === id).length;
  return (id) => ({
    events: events.filter((row) => row.id === id).map(({ what }) => what),
    reserved: count(reservations, id),
    charged: count(charges, id),
    told: count(notifications, id),
  });
}

/** Orders that are neither complete nor undone as a whole, once every customer who must hear of one could have. */
export async function findHalf(system: System, states: Readonly<Record<string, string>>): Promise<object[]> {
  const told = async () => {
    const effects = await readEffects(system);
    return Object.entries(states).every(([id, state]) => state !== 'completed' || effects(id).told > 0);
  };
  await until('every complete order was told to its customer', told, { timeout: 120_000 });
  const effects = await readEffects(system);
  return Object.entries(states).flatMap(([id, state]) => {
    const [found, wanted] = [effects(id), state === 'completed' ? complete : undone];
    return JSON.stringify(found) === JSON.stringify(wanted) ? [] : [{ id, state, ...found }];
  });
}
