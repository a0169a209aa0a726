import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runChecks } from '../../src/check/run-checks.ts';
import type { KubeObject } from '../../src/check/sources/snapshot.ts';
import { root } from '../repo/support/imports.ts';
import { fixtures, objectsIn, snapshotOf } from './support/fixture.ts';
import { settled } from './support/settled.ts';

type Header = ReturnType<typeof objectsIn>['header'];
type Json = Record<string, unknown>;
type Objects = readonly KubeObject[];

/** A cluster whose controllers have been at work: pods and slices are there. */
interface Cluster {
  header: Header;
  objects: Objects;
}

function clusterOf(path: string): Cluster {
  const { header, objects } = objectsIn(readFileSync(resolve(root, path), 'utf8'));
  return { header: { ...header, raw: true }, objects: header.raw ? objects : settled(objects) };
}

/** Every cell with what was found, by service and check; not the evidence, where a container's place is a part of the path. */
function cells({ header, objects }: Cluster): Record<string, string> {
  const { results } = runChecks(snapshotOf(structuredClone(objects), header), {
    startedAt: '',
    today: '2026-01-01',
  });
  return Object.fromEntries(
    results
      .filter(({ subject }) => subject.kind !== 'Cluster')
      .map(({ subject, check, status, reason, findings }) => [
        `${subject.namespace}/${subject.name} ${check}`,
        `${status} ${reason} ${findings
          .map((finding) => `${finding.status} ${finding.id}`)
          .sort()
          .join(' ')}`,
      ]),
  );
}

/** A number for a text, another for each seed: sorted by it, a template and its pods keep one order. */
function rank(text: string, seed: number): number {
  let hash = seed | 1;
  for (const character of text) hash = Math.imul(hash ^ character.charCodeAt(0), 0x5bd1e995) ^ (hash >>> 13);
  return hash >>> 0;
}

/** Every object with what a function makes of the lists of these names, at any depth. */
function withLists(objects: Objects, names: readonly string[], make: (list: Json[]) => Json[]): KubeObject[] {
  const walk = (value: unknown, name = ''): unknown => {
    if (Array.isArray(value)) {
      const inner = value.map((each) => walk(each));
      return names.includes(name) && inner.every((each) => typeof each === 'object') ? make(inner as Json[]) : inner;
    }
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner, key)]));
  };
  return objects.map((object) => walk(object) as KubeObject);
}

const inAnyOrder =
  (names: readonly string[]) =>
  (objects: Objects, seed: number): Objects => {
    const place = ({ name, port }: Json): number => rank(String(name ?? port), seed);
    return withLists(objects, names, (list) => [...list].sort((a, b) => place(a) - place(b)));
  };

/** Pods that somebody owns, under names that another rollout would have given; also where slices say who answers. */
function renamed(objects: Objects, seed: number): Objects {
  const owned = objects.filter(({ kind, metadata }) => kind === 'Pod' && metadata.ownerReferences?.length);
  const names = new Map(owned.map(({ metadata: { name } }) => [name, `${name}-${rank(name, seed).toString(36)}`]));
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return names.get(value) ?? value;
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, key === 'labels' ? inner : walk(inner)]),
    );
  };
  return objects.map((object) => (/^(Pod|EndpointSlice)$/.test(object.kind) ? (walk(object) as KubeObject) : object));
}

/** What a pod showed when it was asked, under the name that it has now. */
function askedIn(objects: Objects, { observations }: Header): Pick<Header, 'observations'> {
  if (!observations) return {};
  const nameOf = (before: string): string =>
    objects.find(({ kind, metadata }) => kind === 'Pod' && `${metadata.name}-`.startsWith(`${before}-`))?.metadata
      .name ?? before;
  return { observations: observations.map((one) => ({ ...one, pod: nameOf(one.pod) })) };
}

/** Objects that mean nothing to anybody else, some of them in the namespace of the others. */
const strangers = `
apiVersion: v1
kind: Namespace
metadata: { name: elsewhere }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: aaa-notes, namespace: elsewhere }
data: { text: 'http://aaa-stranger/ and postgres://aaa-store:5432/notes' }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: aaa-notes, namespace: shop }
data: { text: 'http://aaa-stranger.elsewhere/ and postgres://aaa-store.elsewhere:5432/notes' }
---
apiVersion: batch/v1
kind: Job
metadata: { name: aaa-once, namespace: shop }
spec: { template: { spec: { restartPolicy: Never, containers: [{ name: it, image: 'busybox:1' }] } } }
---
apiVersion: v1
kind: Service
metadata: { name: aaa-stranger, namespace: elsewhere }
spec: { type: ClusterIP, selector: { app: aaa-stranger }, ports: [{ name: http, port: 80, targetPort: 8080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: aaa-stranger, namespace: elsewhere, labels: { 'app.kubernetes.io/managed-by': Helm } }
spec:
  selector: { matchLabels: { app: aaa-stranger } }
  template:
    metadata: { labels: { app: aaa-stranger } }
    spec:
      containers:
        - { name: it, image: 'registry.example/stranger:1.0', ports: [{ containerPort: 8080 }], env: [{ name: STORE, value: 'postgres://aaa-store:5432/notes' }] }
---
apiVersion: v1
kind: Service
metadata: { name: aaa-store, namespace: elsewhere }
spec: { selector: { app: aaa-store }, ports: [{ port: 5432 }] }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: aaa-store, namespace: elsewhere }
spec:
  selector: { matchLabels: { app: aaa-store } }
  template:
    metadata: { labels: { app: aaa-store } }
    spec: { containers: [{ name: postgres, image: 'postgres:16' }] }
---
apiVersion: batch/v1
kind: CronJob
metadata: { name: aaa-nightly, namespace: elsewhere }
spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template: { spec: { restartPolicy: Never, containers: [{ name: it, image: 'busybox:1' }] } } } } }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: aaa-deny, namespace: elsewhere }
spec: { podSelector: {} }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: aaa-stranger, namespace: elsewhere }
spec: { ingressClassName: aaa, rules: [{ host: aaa.example, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: aaa-stranger, port: { number: 80 } } } }] } }] }
`;

const unrelated = settled(objectsIn(strangers).objects).filter(({ kind }) => kind !== 'Node');

const changes: Readonly<Record<string, (objects: Objects, seed: number) => Objects>> = {
  'documents in another order': (objects, seed) =>
    [...objects].sort((a, b) => rank(JSON.stringify(a), seed) - rank(JSON.stringify(b), seed)),
  'ports in another order': inAnyOrder(['ports']),
  'containers in another order': inAnyOrder(['containers', 'containerStatuses']),
  'pods with other names': renamed,
  'unrelated objects beside them': (objects, seed) => [
    ...objects,
    ...unrelated.filter((object) => rank(object.kind, seed) % 3 > 0),
  ],
};

/** The only verdict about how many services there are. */
const isAlone = (cell: string | undefined): boolean => cell?.includes('SINGLE_SERVICE') ?? false;

it('says the same of a service whatever the order of what was read, the names of pods, and what else there is', () => {
  const known = new Map<string, { cluster: Cluster; cells: Record<string, string> }>();
  const read = (path: string) => {
    const cluster = clusterOf(path);
    const entry = known.get(path) ?? { cluster, cells: cells(cluster) };
    known.set(path, entry);
    return entry;
  };
  fc.assert(
    fc.property(
      fc.constantFrom(...fixtures),
      fc.subarray(Object.keys(changes), { minLength: 1 }),
      fc.integer({ min: 1, max: 2 ** 30 }),
      (path, chosen, seed) => {
        const { cluster, cells: before } = read(path);
        const objects = chosen.reduce((all, name) => changes[name]?.(all, seed) ?? all, cluster.objects);
        const after = cells({ header: { ...cluster.header, ...askedIn(objects, cluster.header) }, objects });
        for (const [key, cell] of Object.entries(before))
          if (!isAlone(cell)) expect(`${key}: ${after[key]}`).toBe(`${key}: ${cell}`);
      },
    ),
    { numRuns: 400 },
  );
});
