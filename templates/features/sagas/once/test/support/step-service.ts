import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

/** What a step service does with one call: answers, refuses with a status, or keeps it waiting, before or after its effect. */
export type Behaviour = 'answer' | number | { hold: Promise<unknown>; effect: 'before' | 'after' };

export interface StepService {
  url: string;
  /** Calls in the order of their arrival, such as `POST charge-payment`. */
  calls: string[];
  /** Effects that stand now, such as `charge-payment`: one that was sent under two keys is there twice. */
  effects(): string[];
  /** Decides about each call, by its name, how often it came before and its key; by default all are answered. */
  behave: (call: string, count: number, key: string) => Behaviour;
}

/** A door that calls wait at until it is opened. */
export function door(): { opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

interface Entry {
  step: string;
  state: 'done' | 'undone';
}

/**
 * A real HTTP server that does the steps of sagas as another service should: a key has its effect once, and a key that
 * was undone, even before it was ever seen, has none any more.
 */
export async function startStepService(t: TestContext): Promise<StepService> {
  const entries = new Map<string, Entry>();
  const counts = new Map<string, number>();
  const service: StepService = {
    url: '',
    calls: [],
    effects: () => [...entries.values()].filter(({ state }) => state === 'done').map(({ step }) => step),
    behave: () => 'answer',
  };

  function take(request: IncomingMessage, key: string): { status: number; body?: unknown } {
    const step = stepOf(request);
    const entry = entries.get(key);
    if (request.method === 'DELETE') {
      entries.set(key, { step, state: 'undone' });
      return { status: 204 };
    }
    if (entry?.state === 'undone') return { status: 410, body: {} };
    if (!entry) entries.set(key, { step, state: 'done' });
    return { status: 201, body: { id: key } };
  }

  const server = createServer(async (request, response) => {
    await text(request);
    const call = `${request.method} ${stepOf(request)}`;
    const key = keyOf(request);
    service.calls.push(call);
    const count = (counts.get(`${call} ${key}`) ?? 0) + 1;
    counts.set(`${call} ${key}`, count);
    const behaviour = service.behave(call, count, key);
    if (typeof behaviour === 'number') return answer(response, behaviour, {});
    if (behaviour === 'answer') return reply(response, take(request, key));
    const early = behaviour.effect === 'before' ? take(request, key) : undefined;
    await behaviour.hold;
    reply(response, early ?? take(request, key));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  service.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return service;
}

const stepOf = (request: IncomingMessage): string => request.url?.split('/')[1] ?? '';

/** Of the action, also for the call that undoes it. */
function keyOf(request: IncomingMessage): string {
  if (request.method === 'DELETE') return decodeURIComponent(request.url?.split('/')[2] ?? '');
  return String(request.headers['idempotency-key']).replaceAll('"', '');
}

const reply = (response: ServerResponse, { status, body }: { status: number; body?: unknown }) =>
  answer(response, status, body);

function answer(response: ServerResponse, status: number, body: unknown): void {
  if (response.destroyed) return;
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(body === undefined ? undefined : JSON.stringify(body));
}
