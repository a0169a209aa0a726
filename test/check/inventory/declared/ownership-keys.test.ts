import { expect, test } from 'vitest';
import { markOf, ownershipKeys, ownershipWords } from '../../../../src/check/inventory/declared/ownership-keys.ts';

/** The first key that says where something belongs, and what it says. */
const said = (marks: Record<string, string>): string | undefined => {
  for (const wanted of ownershipKeys) {
    const found = markOf(marks, wanted);
    if (found) return `${wanted.says} ${found.value}`;
  }
  return undefined;
};

test.each<[Record<string, string>, string | undefined]>([
  [{ team: 'checkout' }, 'owner checkout'],
  [{ 'acme.io/owner': 'checkout' }, 'owner checkout'],
  [{ Team: 'checkout' }, 'owner checkout'],
  [{ 'backstage.io/owner': 'checkout' }, 'owner checkout'],
  [{ 'msvc.dev/owner': 'checkout', team: 'other' }, 'owner checkout'],
  [{ team: 'checkout', application: 'shop' }, 'context shop'],
  [{ 'acme.io/project': 'shop' }, 'context shop'],
  [{ 'backstage.io/kubernetes-id': 'orders' }, 'context orders'],
  [{ 'app.kubernetes.io/part-of': 'shop', system: 'other' }, 'context shop'],
  [{ team: '' }, undefined],
  [{ 'acme.io/team-channel': 'general' }, undefined],
  [{ 'objectset.rio.cattle.io/owner': 'bundle' }, undefined],
  [{ 'cloud.google.com/project': 'acme-prod' }, undefined],
  [{ 'app.kubernetes.io/instance': 'shop', 'app.kubernetes.io/name': 'orders', app: 'orders' }, undefined],
])('%j says %s', (marks, expected) => expect(said(marks)).toBe(expected));

test('explain prints every key', () => {
  for (const { key } of ownershipKeys) expect(ownershipWords).toContain(key);
});
