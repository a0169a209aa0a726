import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

export { door } from './door.ts';

/** What a step service does with one call: answers, refuses with a status, or keeps it waiting, before or after its effect. */
export type Behaviour = 'answer' | number | { hold: Promise<unknown>; effect: 'before' | 'after' };

/** A request, as a step or what undoes it. */
export interface StepCall {
  step: string;
  isUndo: boolean;
  /** Of the action, also for the call that undoes it. */
  key: string;
}

export interface StepService {
  url: string;
  /** Where it answers by gRPC too, if one of the steps calls so. */
  rpcUrl?: string;
  /** Calls in the order of their arrival, such as `charge-payment` and `undo charge-payment`. */
  calls: string[];
  /** Steps whose effect stands now: one that was sent under two keys is there twice. */
  effects(): string[];
  /** Decides about each call, by its name, how often it came before and its key; by default all are answered. */
  behave: (call: string, count: number, key: string) => Behaviour;
}

/** What the services of a saga's steps have promised. */
export interface StepContract {
  /** Which step a request is, and under which key. `body` is its JSON, where it has any. */
  read(request: IncomingMessage, body: unknown): StepCall;
  /** What a step that was done is answered with. */
  answer(call: StepCall): unknown;
  /** Takes calls by gRPC, each of which it hands to `ask`. @returns where */
  rpc?(t: TestContext, ask: Ask): Promise<string>;
}

/** What becomes of a call: the status of HTTP that it is answered with, once it is. */
export type Ask = (call: StepCall) => Promise<{ status: number; body?: unknown }>;

/** As a new saga calls: `POST /<step>` with its key in the header, `DELETE /<step>?key=…`. */
export const plainContract: StepContract = {
  read({ method, url = '', headers }) {
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    const isUndo = method === 'DELETE';
    const key = isUndo ? searchParams.get('key') : headers['idempotency-key'];
    return { step: pathname.slice(1), isUndo, key: String(key) };
  },
  answer: ({ key }) => ({ id: key }),
};

/**
 * A real server that does the steps of sagas as another service should: a key has its effect once, and a key that
 * was undone, even before it was ever seen, has none any more.
 */
export async function startStepService(t: TestContext, contract: StepContract = plainContract): Promise<StepService> {
  const effects = new Map<string, { step: string; state: 'done' | 'undone' }>();
  const counts = new Map<string, number>();
  const service: StepService = {
    url: '',
    calls: [],
    effects: () => [...effects.values()].filter(({ state }) => state === 'done').map(({ step }) => step),
    behave: () => 'answer',
  };

  function take(call: StepCall): { status: number; body?: unknown } {
    const { step, isUndo, key } = call;
    if (isUndo) {
      effects.set(key, { step, state: 'undone' });
      return { status: 204 };
    }
    if (effects.get(key)?.state === 'undone') return { status: 410, body: {} };
    effects.set(key, { step, state: 'done' });
    return { status: 201, body: contract.answer(call) };
  }

  const ask: Ask = async (call) => {
    const name = call.isUndo ? `undo ${call.step}` : call.step;
    service.calls.push(name);
    const count = (counts.get(`${name} ${call.key}`) ?? 0) + 1;
    counts.set(`${name} ${call.key}`, count);
    const behaviour = service.behave(name, count, call.key);
    if (typeof behaviour === 'number') return { status: behaviour, body: {} };
    if (behaviour === 'answer') return take(call);
    const early = behaviour.effect === 'before' ? take(call) : undefined;
    await behaviour.hold;
    return early ?? take(call);
  };

  const server = createServer(async (request, response) => {
    const body = await text(request);
    reply(response, await ask(contract.read(request, body === '' ? undefined : JSON.parse(body))));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  service.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  if (contract.rpc) service.rpcUrl = await contract.rpc(t, ask);
  return service;
}

function reply(response: ServerResponse, { status, body }: Awaited<ReturnType<Ask>>): void {
  if (response.destroyed) return;
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(body === undefined ? undefined : JSON.stringify(body));
}
