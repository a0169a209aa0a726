import { describe, expect, test } from 'vitest';
import { currentRecord, withFeature, withInstance } from '../../../src/generate/inputs/change-record.ts';
import { newRecord } from '../../../src/generate/inputs/new-record.ts';
import type { FeatureManifest } from '../../../src/generate/manifest.ts';
import { recordOf } from '../support/records.ts';
import { templateSources } from '../support/sources.ts';
import { userError } from '../support/user-error.ts';

const manifests: FeatureManifest[] = templateSources(
  {},
  {
    postgres: {},
    outbox: { manifest: { requires: ['postgres'] } },
    memory: { manifest: { conflicts: ['postgres'] } },
    auth: {
      manifest: { questions: [{ name: 'clockSkew', message: 'Seconds', kind: 'text', default: '5', pattern: '\\d+' }] },
    },
    sagas: {
      manifest: {
        requires: ['outbox'],
        instances: {
          kind: 'sagas',
          noun: 'saga',
          questions: [
            { name: 'steps', message: 'Steps, in order', kind: 'list', at: 'clients' },
            {
              name: 'engine',
              message: 'Engine',
              kind: 'choice',
              default: 'dbos',
              choices: [
                { value: 'dbos', title: 'DBOS' },
                { value: 'temporal', title: 'Temporal', planned: true },
              ],
            },
          ],
        },
      },
    },
    clients: { manifest: { instances: { kind: 'clients', noun: 'client', questions: [] } } },
    events: {
      manifest: {
        instances: {
          kind: 'events',
          noun: 'event',
          naming: 'dotted',
          questions: [
            {
              name: 'direction',
              message: 'Which way',
              kind: 'choice',
              flags: true,
              choices: [
                { value: 'publish', title: 'Through an outbox', requires: ['postgres'] },
                { value: 'direct', title: 'At once' },
              ],
            },
          ],
        },
      },
    },
  },
).features.map(({ manifest }) => manifest);

const make = (fields: Partial<Parameters<typeof newRecord>[0]>) =>
  newRecord({ name: 'order-service', packageManager: 'npm', features: {}, ...fields }, '1.0.0', manifests);

describe('a new record', () => {
  test('has a default for everything but the name', () => {
    expect(make({})).toEqual(
      recordOf({ description: 'Order service', context: 'order', owner: 'order-team', features: {} }),
    );
  });

  test('has what its features require, sorted, with their defaults', () => {
    const { features } = make({ features: { sagas: {}, auth: {} } });
    expect(Object.entries(features)).toEqual([
      ['auth', { clockSkew: '5' }],
      ['outbox', {}],
      ['postgres', {}],
      ['sagas', {}],
    ]);
  });

  test.each<[string, Partial<Parameters<typeof newRecord>[0]>]>([
    ['INVALID_NAME', { name: '../../x' }],
    ['INVALID_VALUE', { description: 'says "no"' }],
    ['INVALID_VALUE', { description: 'two\nlines' }],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: as a person might type it
    ['INVALID_VALUE', { description: '${process.env.SECRET}' }],
    ['INVALID_VALUE', { context: 'two words' }],
    ['INVALID_VALUE', { owner: '<script>' }],
    ['UNKNOWN_FEATURE', { features: { postgress: {} } }],
    ['UNKNOWN_FEATURE', { features: { __proto__x: {} } }],
    ['FEATURES_CONFLICT', { features: { memory: {}, outbox: {} } }],
    ['INVALID_VALUE', { features: { auth: { clockSkew: 'five' } } }],
    ['INVALID_VALUE', { features: { auth: { clockSkew: '5\n6' } } }],
    ['UNKNOWN_ANSWER', { features: { auth: { clockskew: '5' } } }],
  ])('%s: %j', async (code, fields) => {
    expect((await userError(() => make(fields))).code).toBe(code);
  });

  test('a feature misspelt is answered with the nearest', async () => {
    expect((await userError(() => make({ features: { postgress: {} } }))).fix).toBe('Did you mean postgres?');
  });
});

describe('one more instance', () => {
  const record = make({});
  const add = (instance: Record<string, string | string[]> & { name: string }, to = record) =>
    withInstance(to, 'sagas', instance, manifests);

  test('brings its feature and all that it requires', () => {
    const changed = add({ name: 'place-order', steps: 'reserve-stock, charge-card' });
    expect(Object.keys(changed.features)).toEqual(['outbox', 'postgres', 'sagas']);
    expect(changed.instances).toEqual({
      sagas: [{ name: 'place-order', steps: ['reserve-stock', 'charge-card'], engine: 'dbos' }],
    });
    expect(record.instances).toEqual({});
  });

  test('brings what its answers name after an @, where the service has none of that name', () => {
    const present = withInstance(record, 'clients', { name: 'stock' }, manifests);
    const { features, instances } = add({ name: 'place-order', steps: 'reserve@stock,charge@payments,log' }, present);
    expect(Object.keys(features)).toContain('clients');
    expect(instances.clients).toEqual([{ name: 'payments' }, { name: 'stock' }]);
    expect(instances.sagas).toEqual([
      { name: 'place-order', steps: ['reserve@stock', 'charge@payments', 'log'], engine: 'dbos' },
    ]);
  });

  test('brings nothing for a step that the service does itself, and is refused where it does all of them', async () => {
    const { instances } = add({ name: 'place-order', steps: 'create@self,charge@payments' });
    expect(instances.clients).toEqual([{ name: 'payments' }]);
    const alone = await userError(() => add({ name: 'place-order', steps: 'create@self,log@self' }));
    expect(alone).toMatchObject({ code: 'INVALID_VALUE', why: expect.stringContaining('one transaction') });
  });

  test('stands in the order of names', () => {
    const two = add({ name: 'a-saga', steps: 'x' }, add({ name: 'b-saga', steps: 'x' }));
    expect(two.instances.sagas?.map(({ name }) => name)).toEqual(['a-saga', 'b-saga']);
  });

  test.each([
    ['NAME_TAKEN', { name: 'taken', steps: 'x' }],
    ['INVALID_NAME', { name: '../x', steps: 'x' }],
    ['ANSWER_MISSING', { name: 'new-saga' }],
    ['INVALID_VALUE', { name: 'new-saga', steps: 'x,y,x' }],
    ['INVALID_VALUE', { name: 'new-saga', steps: 'Charge Card' }],
    ['INVALID_VALUE', { name: 'new-saga', steps: 'charge@one,charge@two' }],
    ['INVALID_VALUE', { name: 'new-saga', steps: 'charge@../x' }],
    ['INVALID_VALUE', { name: 'new-saga', steps: 'charge@' }],
    ['INVALID_VALUE', { name: 'new-saga', steps: 'x', engine: 'cron' }],
    ['NOT_YET', { name: 'new-saga', steps: 'x', engine: 'temporal' }],
  ])('%s: %j', async (code, instance) => {
    const present = add({ name: 'taken', steps: 'x' });
    expect((await userError(() => add(instance, present))).code).toBe(code);
  });

  test('of a kind that nobody knows is an error', async () => {
    expect((await userError(() => withInstance(record, 'dragons', { name: 'a' }, manifests))).code).toBe(
      'UNKNOWN_KIND',
    );
  });
});

describe('one more feature', () => {
  test('again changes nothing', () => {
    const once = withFeature(make({}), 'outbox', {}, manifests);
    expect(withFeature(once, 'outbox', {}, manifests)).toEqual(once);
  });

  test('again with an answer changes that answer', () => {
    const record = withFeature(make({ features: { auth: {} } }), 'auth', { clockSkew: '9' }, manifests);
    expect(record.features.auth).toEqual({ clockSkew: '9' });
  });
});

describe('an older record', () => {
  test('gets what is required now, new defaults and the version, and loses questions that are gone', () => {
    const old = recordOf({
      generator: '0.9.0',
      features: { sagas: {}, auth: { gone: 'x' } },
      instances: { sagas: [{ name: 'place-order', steps: ['a'] }] },
    });
    const record = currentRecord(old, '1.0.0', manifests);
    expect(record.generator).toBe('1.0.0');
    expect(record.features).toEqual({ auth: { clockSkew: '5' }, outbox: {}, postgres: {}, sagas: {} });
    expect(record.instances.sagas).toEqual([{ name: 'place-order', steps: ['a'], engine: 'dbos' }]);
  });

  test('gets what the answers of its instances require now', () => {
    const old = recordOf({
      features: { events: {} },
      instances: { events: [{ name: 'orders.created', direction: 'publish' }] },
    });
    expect(currentRecord(old, '1.0.0', manifests).features).toEqual({ events: {}, postgres: {} });
  });
});

describe('a choice that needs a feature', () => {
  const withEvent = (direction: string) =>
    withInstance(make({}), 'events', { name: 'orders.created', direction }, manifests);

  test('brings it', () => expect(Object.keys(withEvent('publish').features)).toEqual(['events', 'postgres']));
  test('another choice does not', () => expect(Object.keys(withEvent('direct').features)).toEqual(['events']));

  test('without an answer the flags are named', async () => {
    const error = await userError(() => withInstance(make({}), 'events', { name: 'orders.created' }, manifests));
    expect([error.code, error.message, error.fix]).toEqual([
      'ANSWER_MISSING',
      '--publish or --direct is missing',
      'Add --publish',
    ]);
  });
});
