import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { request } from 'undici';
import { Balancer, type BalancerObserver, type BalancerOptions } from '../src/platform/discovery/balancer.ts';
import { ServiceError } from '../src/platform/http-client/service-error.ts';
import { startClient } from './support/client.ts';
import { listSource } from './support/list-source.ts';
import { json, startUpstream, type Upstream } from './support/upstream.ts';

const ok = json(200, { id: '1' });
/** Nobody listens there. */
const nowhere = 'http://127.0.0.1:1';

interface Tested {
  balancer: Balancer;
  ejected: { origin: string; ms: number }[];
  /** Milliseconds that the balancer's clock shows. */
  clock: { now: number };
  get(options?: Partial<Parameters<typeof request>[1]>): Promise<number>;
}

function startBalancer(
  t: TestContext,
  source: BalancerOptions['source'],
  options: Partial<BalancerOptions> = {},
): Tested {
  const ejected: Tested['ejected'] = [];
  const clock = { now: 1_000_000 };
  const observer: BalancerObserver = {
    listed: () => {},
    ejected: (origin, ms) => ejected.push({ origin, ms }),
    stale: () => {},
  };
  const balancer = new Balancer({
    service: 'peer',
    source,
    observer,
    now: () => clock.now,
    random: () => 1,
    ...options,
  });
  t.after(() => balancer.destroy());
  return {
    balancer,
    ejected,
    clock,
    async get(more) {
      const { statusCode, body } = await request('http://peer/things', { dispatcher: balancer, ...more });
      await body.dump();
      return statusCode;
    },
  };
}

const startThree = async (t: TestContext): Promise<[Upstream, Upstream, Upstream]> => [
  await startUpstream(t, ok),
  await startUpstream(t, ok),
  await startUpstream(t, ok),
];

const counts = (upstreams: readonly Upstream[]) => upstreams.map(({ requests }) => requests.length);

test('all instances take turns; a new one takes part, one that left gets nothing more', async (t) => {
  const [a, b, c] = await startThree(t);
  const source = listSource(a.url, b.url, a.url);
  const { get, clock, balancer } = startBalancer(t, source);
  for (let i = 0; i < 10; i += 1) await get();
  assert.deepEqual(counts([a, b, c]), [5, 5, 0], 'named twice, it is still one');

  source.set([b.url, c.url]);
  clock.now += 10_000;
  for (let i = 0; i < 10; i += 1) await get();
  assert.deepEqual(counts([a, b, c]), [5, 10, 5]);
  assert.deepEqual(balancer.state, { isListed: true, instances: 2, ejected: 0, stale: undefined });
});

test('what could not be sent goes to another instance at once, whatever its method, and the first is left out', async (t) => {
  const good = await startUpstream(t, ok);
  const source = listSource(nowhere, good.url);
  const { get, ejected, clock } = startBalancer(t, source);
  for (let i = 0; i < 4; i += 1) assert.equal(await get({ method: 'POST', body: '{}' }), 200);
  assert.deepEqual(counts([good]), [4]);
  assert.deepEqual(ejected, [{ origin: nowhere, ms: 10_000 }]);
  assert.equal(source.refreshed, 1, 'the list is read anew: it may have left');

  for (const ms of [20_000, 40_000, 60_000, 60_000]) {
    clock.now += 60_000;
    for (let i = 0; i < 20; i += 1) await get();
    assert.equal(ejected.at(-1)?.ms, ms);
  }
  clock.now += 130_000;
  for (let i = 0; i < 20; i += 1) await get();
  assert.equal(ejected.at(-1)?.ms, 10_000, 'after it was long enough in the list it begins anew');
});

test('where nobody can be reached, everybody is asked once and the error is the last one', async (t) => {
  const { get, balancer } = startBalancer(t, listSource(nowhere, 'http://127.0.0.1:2', 'http://127.0.0.1:3'));
  for (let i = 0; i < 3; i += 1) await assert.rejects(get(), { code: 'ECONNREFUSED' });
  assert.equal(balancer.state.ejected, 1, 'never more than half');
});

test('an instance that comes back is there at once, also where all were away', async (t) => {
  const good = await startUpstream(t, ok);
  const { get, clock } = startBalancer(t, listSource(nowhere, good.url));
  await get();
  good.answer = (request) => request.socket.destroy();
  for (let i = 0; i < 6; i += 1) await assert.rejects(get());
  good.answer = ok;
  clock.now += 1;
  assert.equal(await get(), 200);
});

test('five failures in a row leave an instance out, four and a success do not', async (t) => {
  const [a, b] = await startThree(t);
  const { get, ejected } = startBalancer(t, listSource(a.url, b.url));
  let failing = 0;
  let failure = json(503, {});
  a.answer = (...args) => (failing-- > 0 ? failure(...args) : ok(...args));
  const failTimes = async (times: number, status: number) => {
    failing = times;
    failure = json(status, {});
    for (let i = 0; i < 20; i += 1) await get();
  };
  for (const status of [502, 503, 504]) await failTimes(4, status);
  for (const status of [429, 500]) await failTimes(10, status);
  assert.deepEqual(ejected, [], 'what the service itself answers is no fault of an instance');
  await failTimes(5, 503);
  assert.deepEqual(ejected, [{ origin: a.url, ms: 10_000 }]);
});

test('resets count, and timeouts; what the caller gives up does not', async (t) => {
  const [a, b] = await startThree(t);
  a.answer = () => {};
  const { get, ejected } = startBalancer(t, listSource(a.url, b.url));
  const giveUp = async (reason: Error) => {
    const caller = new AbortController();
    const call = get({ signal: caller.signal });
    const asked = a.requests.length + b.requests.length;
    while (a.requests.length + b.requests.length === asked) await wait(1);
    caller.abort(reason);
    await call.catch(() => {});
  };
  for (let i = 0; i < 20; i += 1) await giveUp(new DOMException('no', 'AbortError'));
  for (let i = 0; i < 20; i += 1) await giveUp(new Error('the caller left'));
  assert.deepEqual(ejected, []);
  for (let i = 0; i < 20; i += 1) await giveUp(new DOMException('late', 'TimeoutError'));
  assert.equal(ejected.length, 1);
});

test('one that is back from being left out, or new, gets more by and by', async (t) => {
  const [a, b, c] = await startThree(t);
  const source = listSource(a.url, b.url);
  let next = 0;
  // Every tenth, in turn.
  const random = () => (next++ % 10) / 10;
  const { get, clock } = startBalancer(t, source, { random });
  source.set([a.url, b.url, c.url]);
  const share = async () => {
    const before = c.requests.length;
    for (let i = 0; i < 300; i += 1) await get();
    return (c.requests.length - before) / 100;
  };
  assert.ok((await share()) < 0.2);
  clock.now += 5_000;
  const half = await share();
  assert.ok(half > 0.35 && half < 0.65, `${half}`);
  clock.now += 5_000;
  assert.equal(await share(), 1);
});

test('where one is left out the others share its turns, and where all are new none is preferred', async (t) => {
  const three = await startThree(t);
  const [a, b, c] = three;
  const source = listSource(a.url, nowhere, b.url, c.url);
  const { get } = startBalancer(t, source);
  for (let i = 0; i < 30; i += 1) await get();
  for (const count of counts(three)) assert.ok(count >= 9 && count <= 11, `${counts(three)}`);

  source.set([]);
  source.set(three.map(({ url }) => url));
  const before = counts(three);
  for (let i = 0; i < 30; i += 1) await get();
  assert.deepEqual(
    counts(three).map((count, index) => count - (before[index] ?? 0)),
    [10, 10, 10],
  );
});

test('a list that cannot be read again stays in use and is told', async (t) => {
  const good = await startUpstream(t, ok);
  const source = listSource(good.url);
  const { get, balancer } = startBalancer(t, source);
  source.fail(new Error('forbidden'));
  assert.equal(await get(), 200);
  assert.equal(balancer.state.stale?.message, 'forbidden');
  source.set([good.url]);
  assert.equal(balancer.state.stale, undefined);
});

test('nobody there, or nobody knows where: two errors with a reason, and no circuit opens', async (t) => {
  const good = await startUpstream(t, ok);
  const source = listSource();
  const balancer = new Balancer({ service: 'peer', source });
  const { http, circuits } = startClient(t, 'http://peer', { deadlineMs: 60_000 }, undefined, () => balancer);
  const early = http.get('/');
  source.fail(new Error('the registry is away'));
  const reasons = async (call: Promise<unknown>) => {
    const error = await call.catch((reason: unknown) => reason);
    assert.ok(error instanceof ServiceError);
    return [error.reason, error.statusCode, error.message];
  };
  const unknown = ['unknown', 503, 'peer: where it is cannot be told: the registry is away'];
  assert.deepEqual(await reasons(early), unknown, 'also for those who waited for the first list');
  assert.deepEqual(await reasons(http.post('/')), unknown);
  source.set([]);
  for (let i = 0; i < 10; i += 1)
    assert.deepEqual(await reasons(http.post('/')), ['empty', 503, 'peer: it has no instance at present']);

  source.set([good.url]);
  assert.deepEqual(await http.get('/'), { id: '1' });
  assert.deepEqual(circuits, [], 'nobody was asked, so nobody failed');
});

test('a retry goes to another instance than the one that failed', async (t) => {
  const [a, b, c] = await startThree(t);
  a.answer = json(503, {});
  const balancer = new Balancer({ service: 'peer', source: listSource(a.url, b.url, c.url) });
  const { http, circuits } = startClient(
    t,
    'http://peer',
    { retries: 1, deadlineMs: 60_000 },
    undefined,
    () => balancer,
  );
  await Promise.all(Array.from({ length: 9 }, () => http.get('/')));
  assert.ok(a.requests.length > 0);
  assert.deepEqual(circuits, []);
});

test('one instance of several that fails does not open the circuit, all of them do', async (t) => {
  const [a, b, c] = await startThree(t);
  a.answer = json(503, {});
  const balancer = new Balancer({ service: 'peer', source: listSource(a.url, b.url, c.url) });
  const { http, circuits } = startClient(
    t,
    'http://peer',
    { retries: 0, deadlineMs: 60_000 },
    undefined,
    () => balancer,
  );
  // Those that are under way at the failing one come back one after the other.
  await Promise.allSettled(Array.from({ length: 60 }, () => http.get('/')));
  assert.equal(a.requests.length, 20);
  assert.deepEqual(circuits, []);
  assert.equal(balancer.state.ejected, 1);

  for (const upstream of [b, c]) upstream.answer = json(503, {});
  for (let i = 0; i < 8; i += 1) await http.get('/').catch(() => {});
  assert.deepEqual(circuits, ['open']);
});

test('instances that are bare addresses are asked as the service that they are', async (t) => {
  const good = await startUpstream(t, ok);
  const { get } = startBalancer(t, listSource(good.url), { authority: 'peer.shop:3000' });
  for (const headers of [{ 'x-one': '1' }, ['x-one', '1'], new Map([['x-one', '1']])]) {
    await get({ headers });
    const { host, 'x-one': one } = good.requests.at(-1)?.headers ?? {};
    assert.deepEqual([host, one], ['peer.shop:3000', '1']);
  }
  await get();
  assert.equal(good.requests.at(-1)?.headers.host, 'peer.shop:3000');
});

test('a request that cannot be sent at all is nobody’s fault', async (t) => {
  const good = await startUpstream(t, ok);
  const { get, ejected } = startBalancer(t, listSource(nowhere, good.url));
  await assert.rejects(get({ headers: { 'x-bad': 'a\nb' } }), { code: 'UND_ERR_INVALID_ARG' });
  assert.deepEqual(ejected, []);
});

test('a stream goes to another instance where the first refuses the connection, but not what is left of one', async (t) => {
  const good = await startUpstream(t, ok);
  for (const [isBegun, statuses] of [
    [false, ['fulfilled', 'fulfilled']],
    [true, ['fulfilled', 'rejected']],
  ] as const) {
    const { get } = startBalancer(t, listSource(nowhere, good.url));
    const bodies = ['a', 'b'].map((first) => Readable.from([first, 'rest']));
    if (isBegun) for (const body of bodies) for await (const _ of body.iterator({ destroyOnReturn: false })) break;
    const sent = await Promise.allSettled(bodies.map((body) => get({ method: 'POST', body })));
    assert.deepEqual(sent.map(({ status }) => status).sort(), statuses);
  }
});

test('early hints before the answer pass, for both kinds of callers', async (t) => {
  const hinting = await startUpstream(t, (_request, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload' });
    ok(_request, response);
  });
  const { get, balancer } = startBalancer(t, listSource(hinting.url));
  assert.equal(await get(), 200);
  const statuses: number[] = [];
  await new Promise<void>((resolve, reject) => {
    balancer.dispatch(
      { origin: 'http://peer', path: '/', method: 'GET' },
      {
        onRequestStart() {},
        onResponseStart: (_controller, status) => void statuses.push(status),
        onResponseData() {},
        onResponseEnd: () => resolve(),
        onResponseError: (_controller, error) => reject(error),
      },
    );
  });
  assert.deepEqual(statuses, [103, 200]);
});

test('after it closed it says so, and does not blame the instances', async (t) => {
  const good = await startUpstream(t, ok);
  const { get, balancer, ejected } = startBalancer(t, listSource(good.url));
  await get();
  await balancer.close();
  await assert.rejects(get(), { code: 'UND_ERR_DESTROYED' });
  assert.deepEqual(ejected, []);
});
