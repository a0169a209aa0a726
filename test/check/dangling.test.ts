import { expect, test } from 'vitest';
import apiGateway from '../../src/check/checks/api-gateway.ts';
import deploymentAutomation from '../../src/check/checks/deployment-automation.ts';
import { renderMarkdown } from '../../src/check/report/markdown.ts';
import { renderTerminal } from '../../src/check/report/terminal.ts';
import { runChecks } from '../../src/check/run-checks.ts';
import { objectsIn, snapshotOf } from './support/fixture.ts';
import { serviceOf, workload } from './support/shop-objects.ts';

const web = workload('web', '{ name: web, image: "shop/web:1" }') + serviceOf('web');
const autoscaler = (name: string, target: string, extra = '') => `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: ${name} }
spec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: ${target} }, minReplicas: 2, maxReplicas: 9 ${extra} }
---`;
const scaled = (name: string, target: string) => `
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: { name: ${name} }
spec: { scaleTargetRef: { name: ${target} } }
---`;
const budget = (selector: string) => `
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: web }
spec: { minAvailable: 1, selector: ${selector} }
---`;
const ingress = (service: string) => `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web }
spec: { rules: [{ http: { paths: [{ backend: { service: { name: ${service}, port: { number: 80 } } } }] } }] }
status: { loadBalancer: { ingress: [{ ip: 192.0.2.1 }] } }
---`;

const judge = (yaml: string) => {
  const { header, objects } = objectsIn(yaml);
  return runChecks(snapshotOf(objects, header), {
    startedAt: '2026-01-01T00:00:00.000Z',
    today: '2026-01-01',
    checks: [apiGateway, deploymentAutomation],
  });
};
const told = (yaml: string): string[] =>
  judge(yaml)
    .results.filter(({ subject }) => subject.kind === 'Cluster')
    .flatMap(({ findings }) => findings.map(({ reason, evidence }) => `${reason} ${evidence[0]?.object}`));

test.each<[what: string, yaml: string, expected: string[]]>([
  ['an autoscaler of a workload that exists', web + autoscaler('web', 'web'), []],
  ['an autoscaler of nothing', web + autoscaler('web', 'wbe'), ['SCALES_NOTHING HorizontalPodAutoscaler shop/web']],
  [
    'one of another group’s kind',
    web + autoscaler('web', 'wbe').replace('apps/v1, kind: Deployment', 'apps.kruise.io/v1beta1, kind: StatefulSet'),
    [],
  ],
  [
    'an autoscaler without room',
    web + autoscaler('web', 'web', ', minReplicas: 9'),
    ['SCALES_NOTHING HorizontalPodAutoscaler shop/web'],
  ],
  [
    'two of one workload',
    web + autoscaler('web', 'web') + autoscaler('api', 'web'),
    ['TWO_SCALERS HorizontalPodAutoscaler shop/api'],
  ],
  [
    'one that KEDA makes for its own object',
    web +
      scaled('web', 'web') +
      autoscaler('keda-hpa-web', 'web').replace(
        '{ name: keda-hpa-web }',
        '{ name: keda-hpa-web, ownerReferences: [{ apiVersion: keda.sh/v1alpha1, kind: ScaledObject, name: web, uid: "" }] }',
      ),
    [],
  ],
  ['a KEDA object of nothing', web + scaled('web', 'worker'), ['SCALES_NOTHING ScaledObject shop/web']],
  ['a budget that matches', web + budget('{ matchLabels: { app: web } }'), []],
  [
    'a budget that matches nothing',
    web + budget('{ matchLabels: { app: wbe } }'),
    ['PROTECTS_NOTHING PodDisruptionBudget shop/web'],
  ],
  ['a route to a Service that exists', web + ingress('web'), []],
  ['a route to nothing', web + ingress('wbe'), ['ROUTE_TO_NOTHING Ingress shop/web']],
  ['what was not read', `reads: { deployments.apps: forbidden }\n---${web}${autoscaler('web', 'wbe')}`, []],
  ['what is not asked for', `scope: [other]\n---${web}${autoscaler('web', 'wbe')}`, []],
])('%s', (_, yaml, expected) => expect(told(yaml).sort()).toEqual(expected));

test('it is a note: it changes no verdict, and every report shows it', () => {
  const [sound, idle] = [judge(web + autoscaler('web', 'web')), judge(web + autoscaler('web', 'wbe'))];
  expect(idle.summary).toEqual(sound.summary);
  for (const text of [renderTerminal(idle, { columns: 80, color: false }), renderMarkdown(idle)])
    expect(text.replace(/\s+/g, ' ')).toContain('scales Deployment wbe, which does not exist');
});

test('Flagger’s copy and what it copies are one service, by its own name', () => {
  const canary = (name: string) =>
    `{ name: ${name}, ownerReferences: [{ apiVersion: flagger.app/v1beta1, kind: Canary, name: web, uid: "", controller: true }] }`;
  const primary = web
    .replaceAll('app: web', 'app: web-primary')
    .replace('{ name: web }', canary('web-primary'))
    .replace('{ name: web }', canary('web-primary'));
  const run = judge(
    `${web.replace('spec:\n', 'spec:\n  replicas: 0\n').replace('{ app: web }, ports', '{ app: web-primary }, ports')}${primary}`,
  );
  const services = run.results.filter(({ subject }) => subject.kind !== 'Cluster');
  expect([...new Set(services.map(({ subject }) => subject.name))]).toEqual(['web']);
  expect(services.map(({ reason }) => reason)).toEqual(['NOT_EXPOSED', 'NOBODY_MANAGES_IT']);
});

test('a pod that a release makes for its test is no service', () => {
  const hook = `
apiVersion: v1
kind: Pod
metadata: { name: web-test-connection, annotations: { helm.sh/hook: test } }
spec: { nodeName: node-1, containers: [{ name: wget, image: busybox }] }
status: { phase: Running }
---`;
  const run = judge(web + hook);
  expect(run.notJudged.map(({ name }) => name)).toContain('web-test-connection');
  expect(run.results.map(({ subject }) => subject.name)).not.toContain('web-test-connection');
});
