import { describe, expect, test } from 'vitest';
import deploymentAutomation from '../../../../src/check/checks/deployment-automation.ts';
import { workload } from '../../support/shop-objects.ts';
import { verdictOf } from '../../support/verdict-of.ts';

const service = (labels: string, annotations: string) =>
  workload('it', '{ name: it, image: "shop/it:1.2.3" }', {
    metadata: `, labels: ${labels}, annotations: ${annotations}`,
  });
const owner = (apiVersion: string, kind: string, where: string, rest: string) =>
  `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { ${where} }\n${rest}\n---\n`;
const ready = (status: string, type = 'Ready') => `status: { conditions: [{ type: ${type}, status: "${status}" }] }`;

const judge = (yaml: string) => verdictOf(yaml, deploymentAutomation);

const argo = (sync: string) =>
  owner(
    'argoproj.io/v1alpha1',
    'Application',
    'name: app, namespace: argocd',
    `spec: { syncPolicy: { automated: {} } }
status: { sync: { status: ${sync} }, health: { status: Healthy }, resources: [{ group: apps, kind: Deployment, namespace: shop, name: it }] }`,
  );
const flux = 'kustomize.toolkit.fluxcd.io';
const helm = 'helm.toolkit.fluxcd.io';
const kustomization = (rest: string) => owner(`${flux}/v1`, 'Kustomization', 'name: app, namespace: flux-system', rest);
const release = (rest: string) => owner(`${helm}/v2`, 'HelmRelease', 'name: app', rest);
const bundle = (rest: string) =>
  owner('fleet.cattle.io/v1alpha1', 'BundleDeployment', 'name: app, namespace: cluster', rest);
const sync = (kind: string, where: string, rest: string) => owner('configsync.gke.io/v1beta1', kind, where, rest);
const managed = 'configmanagement.gke.io/managed: enabled';
const manager = (name: string) => `{ ${managed}, configsync.gke.io/manager: "${name}" }`;
const root = 'name: root-sync, namespace: config-management-system';
const kapp = (rest: string) => owner('kappctrl.k14s.io/v1alpha1', 'App', 'name: app', rest);

test.each<[what: string, marks: string, good: string, bad: string]>([
  [
    'Argo CD by its mark',
    service('{}', '{ argocd.argoproj.io/tracking-id: "app:apps/Deployment:shop/it" }'),
    argo('Synced'),
    argo('OutOfSync'),
  ],
  ['Argo CD by its list', service('{}', '{}'), argo('Synced'), argo('OutOfSync')],
  [
    'Flux Kustomization',
    service(`{ ${flux}/name: app, ${flux}/namespace: flux-system }`, '{}'),
    kustomization(ready('True')),
    kustomization(`spec: { suspend: true }\n${ready('True')}`),
  ],
  [
    'Flux HelmRelease',
    service(`{ ${helm}/name: app, ${helm}/namespace: shop }`, '{}'),
    release(ready('True')),
    release(ready('False')),
  ],
  [
    'Fleet',
    service('{}', '{ objectset.rio.cattle.io/owner-name: app }'),
    bundle(ready('True')),
    bundle(ready('False')),
  ],
  [
    'Config Sync of the root',
    service('{}', manager(':root')),
    sync('RootSync', root, ready('False', 'Syncing')),
    sync('RootSync', root, ready('True', 'Stalled')),
  ],
  [
    'Config Sync of a namespace',
    service('{}', manager('shop_app')),
    sync('RepoSync', 'name: app', ready('False', 'Syncing')),
    sync('RepoSync', 'name: app', ''),
  ],
  [
    'kapp-controller',
    service('{ kapp.k14s.io/app: app }', '{ kapp.k14s.io/identity: "v1;shop/apps/Deployment/it" }'),
    kapp(ready('True', 'ReconcileSucceeded')),
    kapp(ready('False', 'ReconcileSucceeded')),
  ],
])('%s: working, not working, gone', (what, marks, good, bad) => {
  expect(judge(marks + good)).toBe('pass RECONCILED');
  expect(judge(marks + bad)).toBe('warn OWNER_IMPAIRED');
  // Without a mark of its own nothing says that an Application ever had it.
  const marked = what !== 'Argo CD by its list';
  expect(judge(served + marks)).toBe(marked ? 'warn OWNER_ABSENT' : 'warn NOBODY_MANAGES_IT');
  // A cluster that does not know the kind at all is delivered to by another.
  expect(judge(marks)).toBe(marked ? 'unknown OWNER_ELSEWHERE' : 'warn NOBODY_MANAGES_IT');
});

const served = `reads: { ${[
  'applications.argoproj.io',
  'kustomizations.kustomize.toolkit.fluxcd.io',
  'helmreleases.helm.toolkit.fluxcd.io',
  'bundledeployments.fleet.cattle.io',
  'rootsyncs.configsync.gke.io',
  'reposyncs.configsync.gke.io',
  'apps.kappctrl.k14s.io',
]
  .map((part) => `${part}: ok`)
  .join(', ')} }\n---\n`;

describe('an owner that is not here', () => {
  const release = 'meta.helm.sh/release-name: it, meta.helm.sh/release-namespace: shop';
  const tracking = 'argocd.argoproj.io/tracking-id: "app:apps/Deployment:shop/it"';
  test.each([
    [
      'and a release of Helm',
      service('{}', `{ objectset.rio.cattle.io/owner-name: app, ${release} }`),
      'pass HELM_RELEASE',
    ],
    [
      'and another that is',
      service(`{ ${flux}/name: app, ${flux}/namespace: flux-system }`, `{ ${tracking} }`) +
        kustomization(ready('True')),
      'pass RECONCILED',
    ],
    [
      'and another that is gone',
      served + service(`{ ${flux}/name: app, ${flux}/namespace: flux-system }`, '{}'),
      'warn OWNER_ABSENT',
    ],
    [
      'because its list was not read',
      `reads: { applications.argoproj.io: forbidden }\n---\n${service('{}', `{ ${tracking} }`)}`,
      'unknown NOT_READ',
    ],
    [
      'because it delivers the same name to another cluster',
      service('{}', '{}') + argo('Synced').replace('spec: {', 'spec: { destination: { name: west },'),
      'warn NOBODY_MANAGES_IT',
    ],
    [
      'because the one that its mark names delivers to another cluster',
      service('{}', `{ ${tracking} }`) + argo('Synced').replace('spec: {', 'spec: { destination: { name: west },'),
      'unknown OWNER_ELSEWHERE',
    ],
  ])('%s', (_, yaml, verdict) => expect(judge(yaml)).toBe(verdict));
});

describe('Argo CD at work', () => {
  const at = (sync: string, phase: string, policy = 'automated: {}') =>
    service('{}', '{ argocd.argoproj.io/tracking-id: "app:apps/Deployment:shop/it" }') +
    argo(sync).replace('automated: {}', policy).replace('status: {', `status: { operationState: { phase: ${phase} },`);
  test.each([
    ['syncing what is new', at('OutOfSync', 'Running'), 'warn OWNER_AT_WORK'],
    ['with a sync that failed', at('OutOfSync', 'Failed'), 'warn OWNER_IMPAIRED'],
    ['because somebody asked', at('OutOfSync', 'Running', 'automated: { enabled: false }'), 'warn OWNER_IMPAIRED'],
    ['with nothing new', at('Synced', 'Running'), 'pass RECONCILED'],
  ])('%s', (_, yaml, verdict) => expect(judge(yaml)).toBe(verdict));
});

describe('Flux at work', () => {
  const marks = service(`{ ${flux}/name: app, ${flux}/namespace: flux-system }`, '{}');
  const conditions = (...all: [type: string, status: string][]) =>
    `status: { conditions: [${all.map(([type, status]) => `{ type: ${type}, status: "${status}" }`).join(', ')}] }`;
  test.each<[string, string, string]>([
    ['reconciling', conditions(['Reconciling', 'True'], ['Ready', 'Unknown']), 'warn OWNER_AT_WORK'],
    ['retrying what failed', conditions(['Reconciling', 'True'], ['Ready', 'False']), 'warn OWNER_IMPAIRED'],
    ['suspended in between', `spec: { suspend: true }\n${ready('Unknown')}`, 'warn OWNER_IMPAIRED'],
    ['without any condition', 'spec: {}', 'warn OWNER_IMPAIRED'],
  ])('%s', (_, rest, verdict) => expect(judge(marks + kustomization(rest))).toBe(verdict));
});

describe('what an operator makes', () => {
  const references = (kind: string, apiVersion: string) =>
    `ownerReferences: [{ apiVersion: ${apiVersion}, kind: ${kind}, name: main, uid: u, controller: true }]`;
  const cluster = references('Cluster', 'postgresql.cnpg.io/v1');
  const pod = (metadata: string) => `
apiVersion: v1
kind: Pod
metadata: { name: it-1, labels: { app: it }, ${metadata} }
spec: { containers: [{ name: it, image: "shop/it:1.2.3" }] }
status: { phase: Running, conditions: [{ type: Ready, status: "True" }] }
---
apiVersion: v1
kind: Service
metadata: { name: it }
spec: { selector: { app: it }, ports: [{ port: 80 }] }
---
`;
  const set = workload('it', '{ name: it, image: "shop/it:1.2.3" }', { metadata: `, ${cluster}` });
  const applied = (id: string, status = 'True') =>
    kustomization(
      `status: { conditions: [{ type: Ready, status: "${status}" }], inventory: { entries: [{ id: ${id}, v: v1 }] } }`,
    );
  const own = 'shop_main_postgresql.cnpg.io_Cluster';
  const listed = (sync: string, kind = 'Cluster', group = 'postgresql.cnpg.io') =>
    argo(sync).replace(
      'group: apps, kind: Deployment, namespace: shop, name: it',
      `group: ${group}, kind: ${kind}, namespace: shop, name: main`,
    );

  test.each([
    ['pods, of a resource that nobody is seen to deliver', pod(cluster), 'warn OWNED_BY_A_RESOURCE'],
    ['pods, of a resource that Argo CD lists', pod(cluster) + listed('Synced'), 'pass RECONCILED'],
    ['pods, of a resource that Flux applied', pod(cluster) + applied(own), 'pass RECONCILED'],
    ['a workload, of a resource that Argo CD lists', set + listed('Synced'), 'pass RECONCILED'],
    ['a workload, of a resource that is out of sync', set + listed('OutOfSync'), 'warn OWNER_IMPAIRED'],
    ['a workload, of a resource that Flux is at work on', set + applied(own, 'Unknown'), 'warn OWNER_AT_WORK'],
    [
      'a workload, of a resource that Argo CD lists in another group',
      set + listed('Synced', 'Cluster', 'acme.io'),
      'warn OWNED_BY_A_RESOURCE',
    ],
    ['a workload, of a resource of another kind', set + listed('Synced', 'Pooler'), 'warn OWNED_BY_A_RESOURCE'],
    [
      'a workload, of a resource of another group',
      set + applied('shop_main_acme.io_Cluster'),
      'warn OWNED_BY_A_RESOURCE',
    ],
    [
      'a workload, where Applications were not read',
      `reads: { applications.argoproj.io: forbidden }\n---\n${set}`,
      'unknown NOT_READ',
    ],
    [
      'pods, of a workload that was not read',
      `reads: { rollouts.argoproj.io: forbidden }\n---\n${pod(references('Rollout', 'argoproj.io/v1alpha1'))}`,
      'unknown NOT_READ',
    ],
  ])('%s', (_, yaml, verdict) => expect(judge(yaml)).toBe(verdict));
});

test.each([
  ['kubectl-create', 'warn NOBODY_MANAGES_IT'],
  ['kubectl-replace', 'warn NOBODY_MANAGES_IT'],
  ['kubectl-edit', 'warn EDITED_BY_HAND'],
])('last written by %s', (manager, verdict) => {
  const field = `, managedFields: [{ manager: ${manager}, operation: Update, time: "2026-01-01T00:00:00Z" }]`;
  expect(judge(workload('it', '{ name: it, image: "shop/it:1.2.3" }', { metadata: field }))).toBe(verdict);
});
