import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CheckResult, CheckRun } from '../../src/check/contract.ts';
import { subjectParts } from '../../src/check/inventory/facts.ts';
import { runChecks } from '../../src/check/run-checks.ts';
import { readCluster } from '../../src/check/sources/cluster/cluster.ts';
import { type Resource, resources } from '../../src/check/sources/resources/resources.ts';
import { testPorts } from '../cli/support/test-ports.ts';
import { type Applied, apply, parseObjects } from '../cluster/apply.ts';
import { definitions } from '../cluster/definitions.ts';
import { type Fault, faultProxy } from '../cluster/fault-proxy.ts';
import { kubeconfigFile } from '../cluster/identities.ts';
import { adminKubeconfig } from '../cluster/kubeconfig.ts';
import { settle } from '../cluster/settle.ts';
import { describeCluster } from '../cluster/use-cluster.ts';
import { repeatedIds } from './support/repeated-ids.ts';
import { logAgent } from './support/shop-objects.ts';
import { unlistedReasons } from './support/unlisted-reasons.ts';

const service = (name: string, port: number, container: string, extra = '') => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}, annotations: { msvc.dev/context: ${name}, meta.helm.sh/release-name: shop, meta.helm.sh/release-namespace: shop }, labels: { app.kubernetes.io/managed-by: Helm } }
spec:
  replicas: 2
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [{ name: ${name}, ports: [{ containerPort: ${port} }], ${container} }] }
---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: 80, targetPort: ${port} }] ${extra} }
---`;
const probes =
  'readinessProbe: { httpGet: { path: /health/ready, port: 3000 } }, livenessProbe: { httpGet: { path: /health/live, port: 3000 } }';

/** Something to find for every item: what each list says must matter to a verdict, or losing it would prove nothing. */
const shop = `
${service('orders', 3000, `image: "example.test/orders:1.2", ${probes}, env: [{ name: PAYMENTS_URL, value: "http://payments" }, { name: OTEL_EXPORTER_OTLP_ENDPOINT, value: "http://collector:4318" }], envFrom: [{ configMapRef: { name: settings } }]`)}
${service('payments', 3000, 'image: "example.test/payments", env: [{ name: OTEL_SDK_DISABLED, value: "true" }]')}
${service('storefront', 3000, `image: "example.test/storefront:2", ${probes}, env: [{ name: ORDERS_URL, value: "http://orders" }, { name: STALE_URL, value: "http://nobody:80" }]`, ', type: NodePort')}
${service('collector', 4318, 'image: "otel/opentelemetry-collector:0.150.0"')}
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db }
spec:
  serviceName: db
  selector: { matchLabels: { app: db } }
  template:
    metadata: { labels: { app: db } }
    spec: { containers: [{ name: db, image: "postgres:18", ports: [{ containerPort: 5432 }] }] }
---
apiVersion: v1
kind: Service
metadata: { name: db }
spec: { clusterIP: None, selector: { app: db }, ports: [{ port: 5432 }] }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data: { DATABASE_URL: "postgres://db:5432/orders" }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop }
spec:
  rules: [{ http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: orders, port: { number: 80 } } } }] } }]
---
${logAgent}
apiVersion: batch/v1
kind: CronJob
metadata: { name: nightly }
spec:
  schedule: "0 0 * * *"
  jobTemplate: { spec: { template: { spec: { restartPolicy: Never, containers: [{ name: n, image: "example.test/n:1" }] } } } }
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: payments }
spec: { host: payments, trafficPolicy: { outlierDetection: { consecutive5xxErrors: 5 } } }
`;

const paths = ({ group, versions, plural }: Resource, namespace: string) => {
  const base = group === '' ? '/api' : `/apis/${group}`;
  return versions.flatMap((one) => [`${base}/${one}/${plural}`, `${base}/${one}/namespaces/${namespace}/${plural}`]);
};
const served = resources.filter(
  ({ group }) => !group.includes('.') || /^((discovery|networking)\.k8s\.io|networking\.istio\.io)$/.test(group),
);
const cell = ({ check, subject }: CheckResult) => `${check} of ${subject.namespace ?? ''}/${subject.name}`;
const judged = (run: CheckRun) => run.results.filter(({ subject }) => subject.kind !== 'Cluster');

describeCluster('verdicts through faults', ({ api, namespace, drop }) => {
  let mine = '';
  let mesh: Applied;
  let whole: CheckRun;

  beforeAll(async () => {
    mine = await namespace();
    const rows = resources.filter(({ group }) => group === 'networking.istio.io');
    mesh = await apply(api, definitions(rows.map(({ reach: _, ...kind }) => kind)));
    await apply(api, parseObjects(shop), { namespace: mine });
    await settle(api, { namespace: mine });
    whole = await judgeThrough(() => undefined);
  });
  afterAll(async () => {
    await drop(mine);
    await mesh.wipe();
  });

  async function judgeThrough(choose: (path: string) => Fault | undefined, idle = 60_000): Promise<CheckRun> {
    const proxy = await faultProxy(api.access, choose);
    const kubeconfig = kubeconfigFile(adminKubeconfig(api.access, { server: proxy.server }));
    try {
      const snapshot = await readCluster({ kubeconfig, namespaces: [mine], idle }, testPorts());
      return runChecks(snapshot, { startedAt: '2026-01-01T00:00:00Z', today: '2026-01-01' });
    } finally {
      await proxy.close();
      await rm(dirname(kubeconfig), { recursive: true });
    }
  }

  function mustNotImprove(run: CheckRun, where: string): void {
    expect(repeatedIds(run), where).toEqual([]);
    expect(unlistedReasons(run), where).toEqual([]);
    const before = new Map(judged(whole).map((result) => [cell(result), result.status]));
    for (const result of judged(run)) {
      // A workload whose Service was not seen goes by its own name: another subject, and so no score.
      if (!before.has(cell(result))) {
        expect(run.summary.score, `${cell(result)} appeared with ${where}`).toBeNull();
        continue;
      }
      const allowed = new Set([before.get(cell(result)), 'unknown']);
      expect([...allowed], `${cell(result)} with ${where}: ${result.message}`).toContain(result.status);
    }
    const seen = new Set(judged(run).map(cell));
    const vanished = [...before.keys()].filter((one) => !seen.has(one));
    if (vanished.length > 0) expect(run.summary.score, `${vanished.join(', ')} vanished with ${where}`).toBeNull();
    const failed = run.reads.filter(
      ({ resource, outcome }) => subjectParts.includes(resource) && !['ok', 'absent'].includes(outcome),
    );
    if (vanished.length > 0) expect(failed, `${vanished.join(', ')} vanished with ${where}`).not.toEqual([]);
    for (const number of ['score', 'coverage'] as const) {
      expect(run.summary[number] ?? 0, `${number} with ${where}`).toBeLessThanOrEqual(whole.summary[number] ?? 0);
    }
  }

  it('finds something to lose', () => {
    expect(new Set(judged(whole).map(({ status }) => status))).toEqual(
      new Set(['pass', 'warn', 'fail', 'unknown', 'n-a']),
    );
    expect(whole.summary.score).toBeGreaterThan(0);
  });

  it.each<Fault>([403, 404, 410, 429, 500, 'reset', 'truncated', 'cut', 'slow'])(
    '%s at any list makes no verdict better, and none up',
    async (fault) => {
      const idle = fault === 'slow' ? 10_000 : undefined;
      const runs = served.map(async (resource) => {
        const faulty = new Set(paths(resource, mine));
        return {
          resource,
          run: await judgeThrough((path) => (faulty.has(path.split('?')[0] ?? '') ? fault : undefined), idle),
        };
      });
      for (const { resource, run } of await Promise.all(runs)) mustNotImprove(run, `${fault} at ${resource.part}`);
    },
  );

  // Beside the lists of the table above: discovery, version, namespace, and each of a kind's two lists alone. The other
  // faults end in the same outcomes.
  it.each<Fault>([403, 'cut'])('%s at any one question makes no verdict better, and none up', async (fault) => {
    const questions = new Set<string>();
    await judgeThrough((path) => {
      questions.add(path);
      return undefined;
    });
    // Without discovery, and where nothing else is held against us, there is no cluster to judge.
    const isGreeting = (path: string) => path === '/api' || path === '/apis';
    const asked = [...questions].filter((path) => fault === 403 || !isGreeting(path));
    expect(asked.length).toBeGreaterThan(served.length);
    const runs = asked.map(async (question) => ({
      question,
      run: await judgeThrough((path) => (path === question ? fault : undefined)),
    }));
    for (const { question, run } of await Promise.all(runs)) mustNotImprove(run, `${fault} at ${question}`);
  });

  it('losing everything but one list proves nothing', async () => {
    const runs = served.map(async (resource) => {
      const kept = new Set(paths(resource, mine));
      return {
        resource,
        run: await judgeThrough((path) =>
          path.includes('limit=') && !kept.has(path.split('?')[0] ?? '') ? 403 : undefined,
        ),
      };
    });
    for (const { resource, run } of await Promise.all(runs)) mustNotImprove(run, `nothing but ${resource.part}`);
  });
});
