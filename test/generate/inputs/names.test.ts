import { builtinModules } from 'node:module';
import fc from 'fast-check';
import validatePackageName from 'validate-npm-package-name';
import { describe, expect, test } from 'vitest';
import {
  checkInstanceName,
  checkServiceName,
  suggestName,
  whyNoDottedName,
  whyNoInstanceName,
  whyNoServiceName,
} from '../../../src/generate/inputs/names.ts';
import { userError } from '../support/user-error.ts';

describe('names of services', () => {
  test.each(['order-service', 'a', 'orders2', `a${'b'.repeat(62)}`])('%s is one', (name) => {
    expect(checkServiceName(name)).toBe(name);
  });

  test.each([
    '',
    '../../x',
    '/etc/passwd',
    'Order Service',
    'OrderService',
    '-x',
    'x-',
    'a--b',
    '1st',
    'a.b',
    'a_b',
    `a${'b'.repeat(63)}`,
    'bestellübersicht',
    'заказы',
    'orders\u202e',
    'x\n',
    'node-modules/..',
    'http',
    'stream',
    'con',
    'nul',
    'com1',
    'lpt9',
    '__proto__',
  ])('%j is none', async (name) => {
    const error = await userError(() => checkServiceName(name));
    expect(error.code).toBe('INVALID_NAME');
    expect(error.exitCode).toBe(2);
    expect(`${error.message}${error.why}${error.fix}`).not.toMatch(/[\n\u202e]/);
  });

  test('every module of Node is refused', () => {
    for (const name of builtinModules) expect(whyNoServiceName(name.replace(/^node:/, ''))).toBeDefined();
  });

  test('what is accepted is an npm package name and a DNS label', () => {
    const almost = fc.stringMatching(/^[a-z0-9._-]{1,70}$/);
    fc.assert(
      fc.property(almost, (name) => {
        fc.pre(whyNoServiceName(name) === undefined);
        expect(validatePackageName(name).validForNewPackages).toBe(true);
        expect(name).toMatch(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('suggestions', () => {
  test.each([
    ['Order Service', 'order-service'],
    ['OrderService', 'order-service'],
    ['../../x', 'x'],
    ['-x', 'x'],
    ['Bestellübersicht', 'bestellubersicht'],
    ['http', 'http-service'],
    ['con', 'con-service'],
    ['3 little pigs', 'little-pigs'],
  ])('%j → %s', (typed, suggested) => expect(suggestName(typed)).toBe(suggested));

  test('there is none where nothing is left', () => expect(suggestName('заказы')).toBeUndefined());

  test('whatever is typed, a suggestion is valid', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (typed) => {
        const suggestion = suggestName(typed);
        if (suggestion !== undefined) expect(whyNoServiceName(suggestion)).toBeUndefined();
      }),
    );
  });
});

describe('names of instances', () => {
  test.each(['payments', 'place-order', 'http'])('%s is one', (name) => {
    expect(checkInstanceName(name, { noun: 'client' })).toBe(name);
  });

  test.each(['class', 'delete', 'default', 'await', 'constructor', 'index', 'nul', '../x', '__proto__', 'Payments'])(
    '%s is none',
    (name) => expect(whyNoInstanceName(name)).toBeDefined(),
  );

  test('the message says what it would name', async () => {
    expect((await userError(() => checkInstanceName('New', { noun: 'saga' }))).message).toContain('saga');
  });
});

describe('names with dots', () => {
  test.each(['orders.created', 'shop.orders.created', 'order-lines.split-up'])('%s is one', (name) => {
    expect(checkInstanceName(name, { noun: 'event', naming: 'dotted' })).toBe(name);
  });

  test.each([
    'orders',
    'Orders.created',
    '.created',
    'orders.',
    'orders..created',
    'orders.*',
    '../x.y',
    'con.x',
    'a b.c',
  ])('%s is none', (name) => expect(whyNoDottedName(name)).toBeDefined());

  test.each([
    ['OrderCreated', 'order.created'],
    ['Orders.Created', 'orders.created'],
    ['orders/created', 'orders.created'],
  ])('%s: %s is meant', async (typed, meant) => {
    const error = await userError(() => checkInstanceName(typed, { noun: 'event', naming: 'dotted' }));
    expect([error.message, error.fix]).toEqual([
      `"${typed}" cannot be the name of an event`,
      `Use another name, for example: ${meant}`,
    ]);
  });
});
