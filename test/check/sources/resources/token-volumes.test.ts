import { expect, test } from 'vitest';
import { pod as shaped } from '../../../../src/check/inventory/kubernetes/decode.ts';
import { pod as keptOfPods } from '../../../../src/check/sources/resources/kept-fields.ts';
import { projection } from '../../../../src/check/sources/resources/projection.ts';
import type { KubeObject } from '../../../../src/check/sources/snapshot.ts';

const raw = (name: string, volume: string) => ({
  metadata: { name, namespace: 'shop' },
  spec: {
    nodeName: name,
    containers: [
      {
        name: 'app',
        image: 'shop/orders:1.2.3',
        volumeMounts: [
          { name: 'settings', mountPath: '/etc/orders' },
          { name: volume, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount' },
        ],
      },
    ],
    volumes: [
      { name: 'settings', configMap: { name: 'orders' } },
      { name: volume, projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } },
    ],
  },
});

const read = (...pods: ReturnType<typeof raw>[]): KubeObject[] => {
  const prune = projection(keptOfPods);
  return pods.flatMap((one) => prune(one, { apiVersion: 'v1', kind: 'Pod' }) ?? []);
};

test('pods that differ in nothing but the name of their token’s volume have containers and volumes in common', () => {
  const [a, b] = read(raw('a', 'kube-api-access-5rt8x'), raw('b', 'kube-api-access-zz2lq')).map(shaped);
  expect(a?.spec.containers).toBe(b?.spec.containers);
  expect(a?.spec.volumes).toBe(b?.spec.volumes);
  expect(a?.spec.containers[0]?.volumeMounts).toMatchObject([{ name: 'settings' }, { name: 'kube-api-access' }]);
  expect([a?.spec.nodeName, b?.spec.nodeName]).toEqual(['a', 'b']);
});

test('volumes that somebody named keep their names, and pods of another shape are read', () => {
  const [a, b] = read(raw('a', 'kube-api-access-settings'), raw('b', 'tokens')).map(shaped);
  expect([a, b].map((one) => one?.spec.volumes?.at(-1)?.name)).toEqual(['kube-api-access-settings', 'tokens']);
  expect(
    read({ metadata: { name: 'c' }, spec: { containers: [null], volumes: 'none' } } as never).map(shaped),
  ).toHaveLength(1);
});
