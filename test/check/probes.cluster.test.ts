import { readFileSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { CheckRun } from '../../src/check/contract.ts';
import { printRole } from '../../src/check/sources/resources/rbac.ts';
import { runCommandLine } from '../../src/cli/main.ts';
import { testPorts } from '../cli/support/test-ports.ts';
import type { Json } from '../cluster/api.ts';
import { type Applied, apply, parseObjects } from '../cluster/apply.ts';
import { clusterRole, identity } from '../cluster/identities.ts';
import { logAnnotation, servesAnnotation } from '../cluster/pod-network.ts';
import { settle } from '../cluster/settle.ts';
import { describeCluster } from '../cluster/use-cluster.ts';
import { build, withoutKubectl } from '../delivery/support/kustomize.ts';
import { serviceFiles } from '../delivery/support/render-service.ts';
import { type LocalService, startService } from './support/running-service.ts';

describeCluster('running pods that are asked', (cluster) => {
  describe.skipIf(withoutKubectl)('by a real API server', () => {
    let folder = '';
    let namespace = '';
    let orders: LocalService;
    let applied: Applied;

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'msvc-probes-'));
      const service = join(folder, 'order-service');
      for (const [path, content] of await serviceFiles('order-service', { calls: ['payments'] })) {
        await mkdir(dirname(join(service, path)), { recursive: true });
        await writeFile(join(service, path), content);
      }
      orders = await startService(service, { PAYMENTS_URL: 'http://127.0.0.1:9' });
      namespace = await cluster.namespace();
      const objects = build(join(service, 'deploy/overlays/production')).map(standIn);
      applied = await apply(cluster.api, [...objects, ...parseObjects(payments)], { namespace });
      await settle(cluster.api, { namespace });
    });
    afterAll(async () => {
      await orders?.stop();
      await applied?.wipe();
      if (namespace) await cluster.drop(namespace);
      await rm(folder, { recursive: true, force: true });
    });

    /** Its pods are the process on this machine. */
    const standIn = (object: Json): Json => {
      if (object.kind !== 'Deployment') return { ...object, metadata: { ...object.metadata, namespace } };
      const { annotations } = object.spec.template.metadata;
      Object.assign(annotations, { [servesAnnotation]: `3000=${orders.port}`, [logAnnotation]: orders.log });
      return { ...object, metadata: { ...object.metadata, namespace } };
    };

    const msvc = (...args: string[]) => msvcWith(cluster.kubeconfig, ...args);
    const msvcWith = async (kubeconfig: string, ...args: string[]) => {
      const ports = testPorts({ cwd: folder, env: { KUBECONFIG: kubeconfig } });
      const exitCode = await runCommandLine('msvc', ['check-cluster', '-n', namespace, ...args], ports);
      return { exitCode, stdout: ports.stdout.text, stderr: ports.stderr.text };
    };
    const json = async (...args: string[]): Promise<CheckRun> => JSON.parse((await msvc(...args, '-o', 'json')).stdout);
    const cell = ({ results }: CheckRun, check: string) =>
      results.find((one) => one.check === check && one.subject.name === 'order-service');

    const told = (run: CheckRun) =>
      run.results
        .filter(({ subject }) => subject.kind !== 'Cluster')
        .map(({ check, subject, status, reason, level }) => ({ check, name: subject.name, status, reason, level }));
    const linesOfLog = () => readFileSync(orders.log, 'utf8').split('\n').length;

    test('a generated service shows its breakers, health, contract and ids', async () => {
      expect(cell(await json(), 'circuit-breakers')).toMatchObject({ status: 'unknown', reason: 'MAY_BE_IN_CODE' });
      const run = await json('--probe', '--sample-logs');
      expect(cell(run, 'circuit-breakers')).toMatchObject({ status: 'pass', level: 'observed' });
      const [shown] = run.observations ?? [];
      expect(shown?.answers.map(({ purpose, outcome, status }) => `${purpose} ${outcome} ${status}`)).toEqual([
        'readiness answered 200',
        'liveness answered 200',
        'metrics answered 200',
        'contract answered 200',
        'nowhere answered 404',
        'logs answered 200',
      ]);
      expect(shown).toMatchObject({
        health: { readiness: 'healthy', liveness: 'healthy' },
        breakers: [{ library: 'msvc', name: 'payments', state: 'closed', metric: 'http_client_circuit' }],
        contract: { format: 'openapi', version: '1.0.0' },
        echoed: { correlation: ['x-correlation-id'] },
        logs: { ours: { trace: true, correlation: true } },
      });
      const health = cell(run, 'health-checks');
      expect(health).toMatchObject({ status: 'pass', level: 'observed' });
      expect(health?.evidence.map(({ value }) => value)).toContain('200 healthy');
      expect(cell(run, 'contracts')).toMatchObject({ status: 'pass', level: 'observed', reason: 'CONTRACT_SERVED' });
      expect(cell(run, 'correlation-ids')).toMatchObject({
        status: 'pass',
        level: 'observed',
        reason: 'OUR_ID_LOGGED',
      });
      const tracing = cell(run, 'distributed-tracing');
      expect(tracing?.findings.map(({ reason }) => reason)).toContain('TRACE_ID_LOGGED');
      expect(run.graph.edges).toContainEqual(
        expect.objectContaining({
          from: `${namespace}/order-service`,
          to: `${namespace}/payments`,
          breaker: expect.objectContaining({ state: 'guarded', by: ['a breaker of its own'] }),
        }),
      );
    });

    test('nothing is concluded from a pod that nobody answers for', async () => {
      const [before, after] = [await json(), await json('--probe', '--sample-logs')];
      const of = (run: CheckRun) => told(run).filter(({ name }) => name === 'payments');
      expect(of(after)).toEqual(of(before));
      const answers = after.observations?.[1]?.answers ?? [];
      expect(answers.map(({ purpose, outcome }) => `${purpose} ${outcome}`)).toEqual([
        'contract unreached',
        'nowhere unreached',
        'logs unreached',
      ]);
    });

    test('a dry run prints what is sent afterwards, and sends nothing', async () => {
      const before = linesOfLog();
      const { stdout, exitCode } = await msvc('--probe', '--sample-logs', '--dry-run');
      expect(exitCode).toBe(0);
      const printed = stdout.split('\n').flatMap((line) => /^GET \S+/.exec(line) ?? []);
      expect(linesOfLog()).toBe(before);
      const { observations = [] } = await json('--probe', '--sample-logs');
      expect(printed).toEqual(observations.flatMap(({ answers }) => answers.map(({ request }) => request)));
      expect(linesOfLog()).toBe(before + 1);
    });

    test('a dry run sends nothing to several clusters either', async () => {
      const config = parse(readFileSync(cluster.kubeconfig, 'utf8'));
      const [context] = config.contexts;
      const both = { ...config, contexts: ['a', 'b'].map((name) => ({ ...context, name })) };
      const kubeconfig = join(folder, 'two-contexts');
      await writeFile(kubeconfig, stringify(both));
      const before = linesOfLog();
      const { stdout } = await msvcWith(kubeconfig, '--context', 'a,b', '--probe', '--dry-run');
      expect(stdout.match(/would be sent; none was/g)).toHaveLength(2);
      expect(linesOfLog()).toBe(before);
    });

    test('a recording is judged as the pods were, and holds no text of theirs', async () => {
      await appendFile(
        orders.log,
        `{"level":"info","msg":"hunter2","password":"hunter2","trace_id":"hunter2hunter2"}\n`,
      );
      const live = await json('--probe', '--sample-logs', '--record', 'recording');
      const again = await json('--from', 'recording');
      expect(told(again)).toEqual(told(live));
      expect(again.observations).toEqual(live.observations);
      expect(live.observations?.[0]?.logs?.lines).toBeGreaterThan(2);
      expect(readFileSync(join(folder, 'recording/observations.ndjson'), 'utf8')).not.toContain('hunter2');
      expect(JSON.stringify(live)).not.toContain('hunter2');
    });

    test('without the rights nothing changes, and with those that are printed for it everything is seen', async () => {
      const role = (name: string, yaml: string) =>
        clusterRole(cluster.api, yaml.replace('name: msvc-check-namespaced', `name: ${name}`));
      const reader = await role('msvc-reads', printRole('namespaced'));
      const prober = await role('msvc-probes', printRole('namespaced', { probe: true, sampleLogs: true }));
      const user = await identity(cluster.api, { namespace, name: 'reader', roles: [reader] });
      const granted = await identity(cluster.api, { namespace, name: 'prober', roles: [prober] });
      const as = async (kubeconfig: string, ...args: string[]): Promise<CheckRun> =>
        JSON.parse((await msvcWith(kubeconfig, ...args, '-o', 'json')).stdout);

      const refused = await as(user.kubeconfig, '--probe', '--sample-logs');
      expect(told(refused)).toEqual(told(await as(user.kubeconfig)));
      const [first, second] = refused.observations ?? [];
      const outcomes = [...(first?.answers ?? []), ...(second?.answers ?? [])].map(({ outcome }) => outcome);
      expect(new Set(outcomes)).toEqual(new Set(['refused', 'not-asked']));
      expect(cell(refused, 'circuit-breakers')?.findings.map(({ reason }) => reason)).toContain('ASKED_IN_VAIN');
      const rights = (await msvcWith(user.kubeconfig, '--probe', '--sample-logs', '--can-i')).stdout;
      expect(rights).toMatch(/pods\/proxy in .* may not be read: --probe/);
      expect(rights).toMatch(/pods\/log in .* may not be read: --sample-logs/);

      const seen = await as(granted.kubeconfig, '--probe', '--sample-logs');
      expect(cell(seen, 'circuit-breakers')).toMatchObject({ status: 'pass', level: 'observed' });
      expect((await msvcWith(granted.kubeconfig, '--probe', '--can-i')).stdout).not.toContain('pods/proxy');
    });
  });
});

const payments = `
apiVersion: v1
kind: Service
metadata: { name: payments }
spec: { selector: { app: payments }, ports: [{ name: http, port: 80, targetPort: 3000 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: payments }
spec:
  selector: { matchLabels: { app: payments } }
  template:
    metadata: { labels: { app: payments } }
    spec: { containers: [{ name: payments, image: "shop/payments:1", ports: [{ containerPort: 3000 }] }] }
`;
