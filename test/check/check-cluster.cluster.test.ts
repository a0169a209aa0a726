import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CheckRun } from '../../src/check/contract.ts';
import { printRole } from '../../src/check/sources/resources/rbac.ts';
import { runCommandLine } from '../../src/cli/main.ts';
import { testPorts } from '../cli/support/test-ports.ts';
import { type Applied, apply, readObjects } from '../cluster/apply.ts';
import { clusterRole, identity } from '../cluster/identities.ts';
import { settle } from '../cluster/settle.ts';
import { describeCluster } from '../cluster/use-cluster.ts';

const system = join(import.meta.dirname, 'systems', 'shop.yaml');

/** What an engineer says of the example system: boundaries, communication, discovery, breakers, health, tracing, logging, gateway, automation. */
const expected: Record<string, string> = {
  catalog: 'warn pass pass unknown warn unknown fail n-a warn warn',
  mailer: 'warn pass n-a unknown warn unknown fail n-a warn warn',
  nats: 'n-a n-a pass n-a fail n-a fail n-a warn n-a',
  orders: 'warn pass pass unknown pass unknown unknown n-a warn warn',
  postgres: 'n-a n-a pass n-a fail n-a fail n-a warn n-a',
  stock: 'warn pass pass unknown fail fail fail n-a fail warn',
  storefront: 'warn pass warn unknown pass unknown fail fail warn warn',
};

describeCluster('check-cluster on a live cluster', (cluster) => {
  let namespace = '';
  let applied: Applied;
  const folder = mkdtempSync(join(tmpdir(), 'msvc-check-'));

  beforeAll(async () => {
    namespace = await cluster.namespace();
    // The example is written for the namespace `shop`; here it lives in one of its own.
    const objects = (await readObjects(system)).map((object) =>
      JSON.parse(JSON.stringify(object).replaceAll('.shop.svc', `.${namespace}.svc`)),
    );
    applied = await apply(cluster.api, objects, { namespace });
    await settle(cluster.api, { namespace });
  });
  afterAll(async () => {
    await applied?.wipe();
    if (namespace) await cluster.drop(namespace);
  });

  const msvc = async (args: readonly string[], kubeconfig = cluster.kubeconfig) => {
    const ports = testPorts({ cwd: folder, env: { KUBECONFIG: kubeconfig } });
    const exitCode = await runCommandLine('msvc', ['check-cluster', ...args], ports);
    return { exitCode, stdout: ports.stdout.text, stderr: ports.stderr.text };
  };
  const json = async (args: readonly string[], kubeconfig?: string) => {
    const { stdout, ...rest } = await msvc([...args, '-o', 'json'], kubeconfig);
    return { ...rest, run: JSON.parse(stdout) as CheckRun };
  };
  const table = (run: CheckRun): Record<string, string> => {
    const rows = new Map<string, string[]>();
    for (const { subject, status } of run.results)
      if (subject.kind !== 'Cluster') rows.set(subject.name, [...(rows.get(subject.name) ?? []), status]);
    return Object.fromEntries([...rows].map(([name, cells]) => [name, cells.join(' ')]));
  };

  test('says of each service what an engineer says', async () => {
    const { exitCode, run } = await json(['-n', namespace]);
    expect(table(run)).toEqual(expected);
    expect(exitCode).toBe(1);
    expect(run.notJudged.map(({ name }) => name).sort()).toEqual(['collector', 'crowd', 'nightly', 'payments']);
    expect(run.results.filter(({ subject }) => subject.kind === 'Cluster').map(({ check }) => check)).toEqual(
      run.summary.items.map(({ check }) => check),
    );
  });

  test('writes several reports at once, each whole', async () => {
    const { stdout, exitCode } = await msvc([
      '-n',
      namespace,
      '--fail-on',
      'never',
      '-o',
      'terminal',
      '-o',
      'json=run.json',
      '-o',
      'markdown=run.md',
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('What to do first');
    expect(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')).schema).toBe('msvc.check/1');
    expect(readFileSync(join(folder, 'run.md'), 'utf8')).toContain('## msvc check-cluster');
  });

  test('judges a recording exactly as it judged the cluster', async () => {
    const live = await json(['-n', namespace, '--record', 'recording']);
    const again = await json(['--from', 'recording']);
    const told = ({ run }: typeof live) =>
      run.results
        .filter(({ subject }) => subject.kind !== 'Cluster')
        .map(({ check, subject, status, reason }) => ({ check, name: subject.name, status, reason }));
    expect(told(again)).toEqual(told(live));
    expect(again.run.summary).toEqual(live.run.summary);
  });

  test('narrows by checks and labels', async () => {
    const { run } = await json([
      '-n',
      namespace,
      '--only',
      'health-checks,api-gateway',
      '--skip',
      'api-gateway',
      '-l',
      'app=orders',
    ]);
    expect(table(run)).toEqual({ orders: 'pass' });
  });

  test('gives a user of one namespace a useful report, and never a better one', async () => {
    const role = await clusterRole(cluster.api, printRole('namespaced'));
    const user = await identity(cluster.api, { namespace, name: 'reader', roles: [role] });
    const { run, exitCode } = await json([], user.kubeconfig);
    const whole = await json(['-n', namespace]);
    const before = new Map(
      whole.run.results.map((result) => [`${result.check} ${result.subject.name}`, result.status]),
    );
    for (const { check, subject, status } of run.results)
      if (subject.kind !== 'Cluster') expect([before.get(`${check} ${subject.name}`), 'unknown']).toContain(status);
    expect(Object.keys(table(run))).toEqual(Object.keys(expected));
    expect(run.summary.score).toBeLessThanOrEqual(whole.run.summary.score ?? 0);
    expect(run.summary.coverage).toBeGreaterThan(40);
    expect(exitCode).toBe(1);
    const rights = await msvc(['--can-i'], user.kubeconfig);
    expect(rights.stdout).toMatch(/daemonsets\.apps in the whole cluster may not be read: .*centralized-logging/s);
  });
});
