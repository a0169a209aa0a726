import { describe, expect, test } from 'vitest';
import { checkRoute } from '../../../src/generate/inputs/route.ts';
import type { Plan } from '../../../src/generate/plan/plan.ts';
import { addRoute, routesFile, withoutRoutesTo } from '../../../src/generate/plan/with-route.ts';

const orders = { path: '/api/orders/*', service: 'order-service', settings: {} };

describe('a route in the file of a gateway', () => {
  test('is the first of an empty list, under the comment that stood there', async () => {
    const settings = { methods: ['GET', 'POST'], rewrite: '/v1/orders', timeout: '5m', retries: 2, websocket: true };
    expect(await addRoute('# Mine.\nroutes: []\n', { ...orders, settings })).toBe(`# Mine.
routes:
  - path: /api/orders/*
    service: order-service
    methods: [ GET, POST ]
    rewrite: /v1/orders
    timeout: 5m
    retries: 2
    websocket: true
`);
  });

  test('goes behind what a person wrote, which stays as it is to the letter', async () => {
    const before = `cors: { origins: [ 'https://app.example.com' ] }   # the shop

routes:
  # The old shop.
  - { path: '/*',   service: legacy,   auth: none }
`;
    const after = await addRoute(before, { ...orders, settings: { url: 'https://orders.example.com:8443/x' } });
    expect(after.startsWith(before)).toBe(true);
    expect(after.slice(before.length)).toBe(
      '  - path: /api/orders/*\n    service: order-service\n    url: https://orders.example.com:8443/x\n',
    );
  });

  test('is refused where its path and method are there', async () => {
    const text = 'routes:\n  - { path: /API/orders/*, service: a, methods: [GET] }\n';
    const withMethods = (...methods: string[]) => ({ ...orders, settings: { methods } });
    for (const route of [orders, withMethods('POST', 'GET')])
      await expect(addRoute(text, route)).rejects.toMatchObject({ code: 'ROUTE_TAKEN' });
    expect(await addRoute(text, withMethods('POST'))).toMatch(/methods: \[ ?POST ?\]/);
    const closed = 'routes:\n  - { path: /api/orders/, service: a }\n';
    await expect(addRoute(closed, { ...orders, path: '/api/orders' })).rejects.toMatchObject({ code: 'ROUTE_TAKEN' });
  });

  test('is refused where its service has another place, with which no gateway would start', async () => {
    const at = (url?: string) => `routes:\n  - { path: /a, service: order-service${url ? `, url: '${url}'` : ''} }\n`;
    const to = (url: string) => ({ ...orders, settings: { url } });
    for (const [text, route] of [
      [at('http://one'), orders],
      [at(), to('http://one')],
      [at('http://one'), to('http://two')],
    ] as const)
      await expect(addRoute(text, route)).rejects.toMatchObject({ code: 'ROUTE_ELSEWHERE' });
    expect(await addRoute(at('http://one'), to('http://one/'))).toContain('url: http://one/');
  });

  test('is refused where the file cannot be read', async () => {
    for (const text of ['', 'routes: {}\n', 'routes:\n  - &a { path: /a }\n  - *a\n', 'routes: [\n'])
      await expect(addRoute(text, orders), text).rejects.toMatchObject({ code: 'ROUTES_BROKEN' });
  });
});

describe('a service that a gateway is to forget', () => {
  const plan = { changes: [] } as unknown as Plan;
  const project = (text: string) => ({ read: async () => new Map([[routesFile, { content: text }]]) }) as never;

  test('is refused by name of the routes that still lead there', async () => {
    const text =
      'routes:\n  - { path: /a/*, service: orders }\n  - { path: /b, service: users }\n  - { path: /c, service: orders }\n';
    await expect(withoutRoutesTo(plan, project(text), 'orders')).rejects.toMatchObject({
      code: 'ROUTES_LEAD_THERE',
      message: 'deploy/base/routes.yaml still leads to orders: /a/*, /c',
    });
    expect(await withoutRoutesTo(plan, project(text), 'payments')).toBe(plan);
  });

  test.each(['', 'routes: []\n', 'routes: [\n', 'routes: 5\n'])('has none in %j', async (text) => {
    expect(await withoutRoutesTo(plan, project(text), 'orders')).toBe(plan);
  });
});

describe('what the command line gives', () => {
  const refused = (path: string, settings: Record<string, string | string[]> = {}) => {
    try {
      checkRoute({ path, service: 'a', settings });
      return undefined;
    } catch (error) {
      return (error as { why: string }).why;
    }
  };

  test.each(['/', '/*', '/a', '/a/', '/a/*', '/api/v1.0/orders-x/*', '/~jon', '/.well-known/*'])(
    '%s is a path',
    (path) => {
      expect(refused(path)).toBeUndefined();
    },
  );

  test.each(['', 'a', 'api/*', '//', '/a//b', '/a/../b', '/a/*/b', '/a*', '/a?x', '/a b', '/a%2fb', '/a;b', '/./a'])(
    '%s is none',
    (path) => {
      expect(refused(path)).toBe('It must be a path such as /api/orders, or /api/orders/* for all below it.');
    },
  );

  test('is refused with what it must be', () => {
    expect(refused('/a', { timeout: '30' })).toBe('It must be a duration such as 500ms, 30s or 5m.');
    expect(refused('/a', { methods: ['GET', 'FETCH'] })).toBe('It must be methods such as GET,POST.');
    expect(refused('/a', { rate: '0/s' })).toBe('It must be requests in a time, such as 10/s or 600/min.');
    expect(refused('/a', { auth: 'none', scopes: ['x'] })).toMatch(/need not be one/);
    expect(refused('/a', { auth: 'none', token: 'exchange' })).toMatch(/need not be one/);
  });
});
