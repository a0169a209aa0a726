import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareVersions } from '../../../src/generate/inputs/compare-versions.ts';
import { parseList } from '../../../src/generate/inputs/list.ts';
import { nameForms } from '../../../src/generate/inputs/name-forms.ts';
import { editDistance, nearest } from '../../../src/nearest.ts';

describe('spellings of a name', () => {
  test.each([
    ['charge-payment', 'chargePayment', 'ChargePayment', 'CHARGE_PAYMENT', 'Charge payment', 'charge_payment'],
    ['orders.created', 'ordersCreated', 'OrdersCreated', 'ORDERS_CREATED', 'Orders created', 'orders_created'],
    ['ItemAdded', 'itemAdded', 'ItemAdded', 'ITEM_ADDED', 'Item added', 'item_added'],
    ['v2', 'v2', 'V2', 'V2', 'V2', 'v2'],
  ])('%s', (name, camel, pascal, constant, title, snake) => {
    expect(nameForms(name)).toMatchObject({ name, camel, pascal, constant, title, snake });
  });
});

describe('the nearest known word', () => {
  const known = ['postgres', 'redis', 'auth', 'events'];

  test.each([
    ['postgress', 'postgres'],
    ['Redis', 'redis'],
    ['evnets', 'events'],
    ['kafka', undefined],
    ['', undefined],
  ])('%j → %s', (word, meant) => expect(nearest(word, known)).toBe(meant));

  test('distance is a distance: zero to itself, the same both ways, never longer by a detour', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 6 });
    fc.assert(
      fc.property(word, word, word, (a, b, c) => {
        expect(editDistance(a, a)).toBe(0);
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, c)).toBeLessThanOrEqual(editDistance(a, b) + editDistance(b, c));
      }),
    );
  });
});

test('a list loses spaces, gaps and repetitions', () => {
  expect(parseList(' a, b,,a ,')).toEqual(['a', 'b']);
  expect(parseList('')).toEqual([]);
});

test.each([
  ['1.0.0', '1.0.0', 0],
  ['1.10.0', '1.9.0', 1],
  ['0.9.9', '1.0.0', -1],
  ['1.0.0-next.1', '1.0.0', 0],
])('version %s against %s', (a, b, sign) => expect(Math.sign(compareVersions(a, b))).toBe(sign));
