import { expect, test } from 'vitest';
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
  expect(judge(marks)).toBe(what === 'Argo CD by its list' ? 'warn NOBODY_MANAGES_IT' : 'warn OWNER_ABSENT');
});
