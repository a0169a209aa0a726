import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { LiveRoutes } from '../src/platform/gateway/live-routes.ts';
import type { Route } from '../src/platform/gateway/route.ts';
import { parseRoutes, type RoutesError } from '../src/platform/gateway/routes-file.ts';
import { RouteTable, upstreamPath } from '../src/platform/gateway/table.ts';
import { startApp } from './support/app.ts';
import { bodyOf } from './support/body.ts';
import { eventually } from './support/eventually.ts';
import { routesFile, startGateway } from './support/gateway.ts';
import { json, startUpstream } from './support/upstream.ts';

const parse = (...entries: string[]) =>
  parseRoutes(['routes:', ...entries.map((entry) => `  - ${entry}`)].join('\n'), 'routes.yaml');

function problemsOf(text: string): readonly string[] {
  try {
    parseRoutes(text, 'routes.yaml');
    return [];
  } catch (error) {
    return (error as RoutesError).problems;
  }
}

test('exact before the longest prefix, by method, without case, and never past the longest', () => {
  const { routes } = parse(
    "{ path: '/*', service: pages }",
    "{ path: '/api/orders/*', service: orders, methods: [GET] }",
    "{ path: '/api/orders/*', service: order-writer, methods: [POST, PUT] }",
    '{ path: /api/orders/export, service: exports }',
    "{ path: '/api/*', service: legacy }",
  );
  const table = new RouteTable(routes);
  const find = (method: string, path: string) => {
    const found = table.find(method, path);
    return found && ('route' in found ? [found.route.service, found.rest] : found.allowed);
  };
  assert.deepEqual(find('GET', '/api/orders/7'), ['orders', '/7']);
  assert.deepEqual(find('POST', '/api/orders'), ['order-writer', '']);
  assert.deepEqual(find('GET', '/API/Orders/Seven/'), ['orders', '/Seven/']);
  assert.deepEqual(find('GET', '/api/orders/export'), ['exports', '']);
  assert.deepEqual(find('GET', '/api/orders/export/'), ['exports', '/']);
  assert.deepEqual(find('GET', '/api/orders/export/all'), ['orders', '/export/all']);
  assert.deepEqual(find('DELETE', '/api/orders/7'), ['GET', 'POST', 'PUT']);
  assert.deepEqual(find('GET', '/api/ordersx'), ['legacy', '/ordersx']);
  assert.deepEqual(find('GET', '/'), ['pages', '/']);
  assert.deepEqual(find('GET', '/about'), ['pages', '/about']);
});

test('a rewrite takes the place of what the route names', () => {
  const [below, exact, root] = parse(
    "{ path: '/api/orders/*', service: a, rewrite: /v1/orders }",
    '{ path: /login, service: b, rewrite: /sign-in/form }',
    "{ path: '/old/*', service: c, rewrite: / }",
  ).routes as [Route, Route, Route];
  assert.equal(upstreamPath(below, '/api/orders/7', '/7'), '/v1/orders/7');
  assert.equal(upstreamPath(below, '/api/orders', ''), '/v1/orders');
  assert.equal(upstreamPath(exact, '/login', ''), '/sign-in/form');
  assert.equal(upstreamPath(root, '/old', ''), '/');
  assert.equal(upstreamPath(root, '/old/x', '/x'), '/x');
});

test('what is wrong is told with line and column, all of it at once', () => {
  const text = `cors:
  origins: [app.example.com]
routes:
  - path: /api/orders/*
    servce: orders
    methods: [FETCH]
    timeout: 30
  - path: /api/../admin
    service: admin
  - path: /a
    service: a
    auth: none
    scopes: [x]
  - { path: /A, service: b }
  - { path: '/a/*', service: a, url: 'http://elsewhere' }
  - orders
limits: {}
`;
  assert.deepEqual(problemsOf(text), [
    'routes.yaml:2:12 origins must be origins such as https://app.example.com',
    'routes.yaml:5:5 unknown setting "servce"; known: path, service, url, methods, auth, scopes, rewrite, timeout, idle, retries, body, rate, websocket, token, audience, allow',
    'routes.yaml:6:14 methods must be one of DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT',
    'routes.yaml:7:14 timeout must be a duration such as 500ms, 30s or 5m',
    'routes.yaml:4:5 service is missing',
    'routes.yaml:8:11 path must be a path such as /api/orders, or /api/orders/* for all below it',
    'routes.yaml:10:5 scopes need `auth: token`',
    'routes.yaml:14:5 /A is there already, as /a for a',
    'routes.yaml:15:5 a is elsewhere in /a: give both the same url',
    'routes.yaml:16:5 a route is `path: …` and `service: …`',
    'routes.yaml:17:1 unknown setting "limits"; known: routes, cors',
  ]);
  assert.match(problemsOf('routes:\n  - { path: /a, service: a')[0] ?? '', /^routes\.yaml:2:\d+ /);
  assert.match(problemsOf('routes:\n  - path: /a\n    path: /b\n    service: a')[0] ?? '', /^routes\.yaml:3:5 /);
  assert.deepEqual(problemsOf(''), ['routes.yaml:1:1 the file must have `routes:`']);
  assert.deepEqual(problemsOf('routes: no\n'), ['routes.yaml:1:9 routes must be a list; `routes: []` for none']);
  assert.deepEqual(problemsOf('routes: []\n'), []);
});

const one = (service: string) => `routes:\n  - { path: '/api/*', service: ${service}, auth: none }\n`;

async function start(t: TestContext) {
  const [first, second] = await Promise.all([
    startUpstream(t, (_request, response) => void setTimeout(() => response.end('first'), 20)),
    startUpstream(t, (_request, response) => void setTimeout(() => response.end('second'), 20)),
  ]);
  return startGateway(t, one('first'), { first, second });
}

test('new routes take the place of the old ones, and no request is dropped', async (t) => {
  const { url, write } = await start(t);
  let isOver = false;
  const answers = new Map<string, number>();
  const ask = async () => {
    while (!isOver) {
      const response = await fetch(`${url}/api/1`);
      const said = `${response.status} ${await response.text()}`;
      answers.set(said, (answers.get(said) ?? 0) + 1);
    }
  };
  const asking = Array.from({ length: 8 }, ask);
  for (const service of ['second', 'first', 'second']) {
    await write(one(service));
    const before = answers.get(`200 ${service}`) ?? 0;
    await eventually(`${service} is asked`, () => (answers.get(`200 ${service}`) ?? 0) > before + 20);
  }
  isOver = true;
  await Promise.all(asking);
  assert.deepEqual([...answers.keys()].sort(), ['200 first', '200 second']);
});

test('a file that is broken changes nothing but the health, which says where', async (t) => {
  const { url, write, logs } = await start(t);
  const health = async () => (await bodyOf(await fetch(`${url}/health`))).checks.routes;
  await write(one('second').replace('service', 'servce'));
  const degraded = await eventually(
    'it is told',
    async () => (await health()).status === 'degraded' && (await health()),
  );
  assert.match(degraded.error, /routes\.yaml:2:23 unknown setting "servce"; known: path, service/);
  assert.equal(await (await fetch(`${url}/api/1`)).text(), 'first');
  assert.ok(logs.some(({ level, msg }) => level === 'error' && /the routes stay as they were/.test(String(msg))));
  await write(one('first'));
  await eventually('it is well again', async () => (await health()).status === 'healthy');
});

test('a file that is saved in pieces is taken when it is whole, never in between', async (t) => {
  const { file, write } = await routesFile(t, one('first'));
  const live = await LiveRoutes.open(file, () => {});
  const services = () => live.rules.routes.map(({ service }) => service);
  const whole = `${one('second')}  - { path: /a, service: third }\n`;
  for (const part of [whole.slice(0, 20), one('second'), '']) {
    await write(part);
    assert.equal(await live.refresh(), false);
    assert.deepEqual([services(), live.trouble], [['first'], undefined]);
  }
  await write(whole);
  assert.deepEqual([await live.refresh(), await live.refresh()], [false, true]);
  assert.deepEqual(services(), ['second', 'third']);
});

test('routes that cannot be in force here change nothing but the health either', async (t) => {
  const first = await startUpstream(t, (_request, response) => void response.end('first'));
  const { url, write } = await startGateway(t, one('first'), { first, second: { url: 'nowhere' } });
  await write(one('second'));
  const degraded = await eventually('it is told', async () => {
    const { routes } = (await bodyOf(await fetch(`${url}/health`))).checks;
    return routes.status === 'degraded' && routes;
  });
  assert.match(degraded.error, /^SECOND_URL must be /);
  assert.equal(await (await fetch(`${url}/api/1`)).text(), 'first');
});

test('a file that is broken or not there stops the start', async (t) => {
  await assert.rejects(
    startGateway(t, 'routes: {}', {}),
    /The routes are not right:\n {2}.*routes\.yaml:1:9 routes must be a list/,
  );
  await assert.rejects(startGateway(t, '', {}, { ROUTES_FILE: '/nowhere/routes.yaml' }), /cannot be read \(ENOENT\)/);
});

test('what no route names is a 404, another method a 405 that says which would do', async (t) => {
  const upstream = await startUpstream(t, json(200, {}));
  const { url } = await startGateway(t, 'routes: [{ path: /a, service: one, auth: none, methods: [GET, HEAD] }]', {
    one: upstream,
  });
  assert.equal((await fetch(`${url}/b`)).status, 404);
  const refused = await fetch(`${url}/a`, { method: 'POST', body: 'x' });
  assert.deepEqual([refused.status, refused.headers.get('allow')], [405, 'GET, HEAD']);
  assert.equal(upstream.requests.length, 0);
});

test('where hooks take their time with a 404 it is answered once', async (t) => {
  const { file } = await routesFile(t, 'routes: []');
  const errors: unknown[] = [];
  const { url } = await startApp(t, {
    env: { ROUTES_FILE: file },
    extend: async (app) => {
      app.addHook('onSend', async () => void (await new Promise((resolve) => setTimeout(resolve, 20))));
      app.addHook('onError', async (_request, _reply, error) => void errors.push(error));
    },
  });
  assert.equal((await fetch(`${url}/nowhere`)).status, 404);
  assert.deepEqual(errors, []);
});
