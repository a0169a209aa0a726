import { describe, expect, test } from 'vitest';
import type { Listed } from '../../../../src/check/sources/cluster/list.ts';
import { textBudget } from '../../../../src/check/sources/cluster/text-budget.ts';
import { outcomesOf } from '../../../../src/check/sources/cluster/truncated-lists.ts';
import type { KubeObject } from '../../../../src/check/sources/snapshot.ts';

const map = (name: string, data: unknown, namespace = 'shop'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data,
});
const keys = ({ data }: KubeObject) => Object.keys(data as object);

describe('room for the text of ConfigMaps', () => {
  test('what is short is kept whole, the longest goes first', () => {
    const settings = map('settings', { URL: 'http://stock', 'dashboard.json': 'x'.repeat(300_000), LEVEL: 'info' });
    expect(textBudget().fit(settings)).toEqual({ characters: 16, cut: true });
    expect(keys(settings)).toEqual(['URL', 'LEVEL']);
    const many = map('many', Object.fromEntries(Array.from({ length: 8 }, (_, index) => [index, 'x'.repeat(50_000)])));
    textBudget().fit(many);
    expect(keys(many)).toHaveLength(5);
  });

  test('all of a run have a bound together, and a page that is read again takes no room twice', () => {
    const room = textBudget(100);
    expect(room.fit(map('a', { x: 'x'.repeat(60) }))).toEqual({ characters: 60, cut: false });
    expect(room.fit(map('b', { x: 'x'.repeat(60) }))).toEqual({ characters: 0, cut: true });
    room.giveBack(60);
    expect(room.fit(map('b', { x: 'x'.repeat(60) }))).toEqual({ characters: 60, cut: false });
  });

  test.each([undefined, null, 'text', [1], { n: 1 }])('data that is none (%j) is left alone', (data) => {
    expect(textBudget().fit(map('odd', data))).toEqual({ characters: 0, cut: false });
  });
});

describe('the ledger of a list that was not kept whole', () => {
  const cut = map('rules', {});
  const pod = (volume: object, namespace = 'shop'): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace },
    spec: { volumes: [volume], containers: [] },
  });
  const listed: Listed = { outcome: { resource: 'configmaps', outcome: 'ok', count: 2 }, objects: [], cut: [cut] };
  const ledger = (volume: object, list = listed) =>
    outcomesOf(
      [list],
      new Map([
        ['configmaps', [cut, map('settings', {}, 'other')]],
        ['pods', [pod(volume), pod({}, 'other')]],
      ]),
    );

  test.each([{ configMap: { name: 'rules' } }, { projected: { sources: [{ configMap: { name: 'rules' } }] } }])(
    'is partial in the namespace of a pod that is given it, and complete elsewhere',
    (volume) => {
      expect(ledger(volume)).toEqual([
        { resource: 'configmaps', outcome: 'partial', count: 2, detail: 'too long to be kept whole: rules' },
        { resource: 'configmaps', namespace: 'other', outcome: 'ok', count: 1 },
        {
          resource: 'configmaps',
          namespace: 'shop',
          outcome: 'partial',
          count: 1,
          detail: 'too long to be kept whole: rules',
        },
      ]);
      const own = { ...listed, outcome: { ...listed.outcome, namespace: 'shop' } };
      expect(ledger(volume, own)).toMatchObject([{ namespace: 'shop', outcome: 'partial' }]);
    },
  );

  test('stays whole where nobody is given what was cut', () => {
    expect(ledger({ configMap: { name: 'settings' } })).toEqual([listed.outcome]);
  });

  test('does not make a failed list look better', () => {
    const failed: Listed = { ...listed, outcome: { ...listed.outcome, outcome: 'forbidden' } };
    expect(ledger({ configMap: { name: 'rules' } }, failed)).toEqual([failed.outcome]);
  });
});
