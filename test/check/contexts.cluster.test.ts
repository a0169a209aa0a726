import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { runCommandLine } from '../../src/cli/main.ts';
import { testPorts } from '../cli/support/test-ports.ts';
import { type Applied, apply } from '../cluster/apply.ts';
import { settle } from '../cluster/settle.ts';
import { describeCluster } from '../cluster/use-cluster.ts';
import { objectsIn } from './support/fixture.ts';
import { serviceOf, workload } from './support/shop-objects.ts';

const app = (name: string, image: string) =>
  objectsIn(workload(name, `{ name: ${name}, image: "${image}" }`) + serviceOf(name)).objects.map(
    ({ metadata: { namespace: _, ...metadata }, ...rest }) => ({ ...rest, metadata }),
  );

describeCluster('check-cluster of several contexts', (cluster) => {
  const folder = mkdtempSync(join(tmpdir(), 'msvc-contexts-'));
  const namespaces: string[] = [];
  const applied: Applied[] = [];

  beforeAll(async () => {
    for (const [name, image] of [
      ['orders', 'shop/orders:latest'],
      ['stock', 'shop/stock:1.2.3'],
    ] as const) {
      const namespace = await cluster.namespace();
      namespaces.push(namespace);
      applied.push(await apply(cluster.api, app(name, image), { namespace }));
      await settle(cluster.api, { namespace });
    }
    // Two contexts of one server are two to whoever asks, each with a namespace of its own; the third leads nowhere.
    const config = parse(readFileSync(cluster.kubeconfig, 'utf8'));
    const [one] = config.contexts;
    config.contexts = [
      ...['eu', 'us'].map((name, index) => ({ name, context: { ...one.context, namespace: namespaces[index] } })),
      { name: 'gone', context: { ...one.context, cluster: 'gone' } },
    ];
    config.clusters.push({ name: 'gone', cluster: { server: 'http://127.0.0.1:1' } });
    writeFileSync(join(folder, 'kubeconfig'), stringify({ ...config, 'current-context': 'eu' }));
  });
  afterAll(async () => {
    for (const one of applied) await one.wipe();
    for (const namespace of namespaces) await cluster.drop(namespace);
    rmSync(folder, { recursive: true });
  });

  const msvc = async (...args: string[]) => {
    const ports = testPorts({ cwd: folder, env: { KUBECONFIG: join(folder, 'kubeconfig') } });
    const exitCode = await runCommandLine('msvc', ['check-cluster', ...args], ports);
    return { exitCode, stdout: ports.stdout.text, stderr: ports.stderr.text };
  };

  test('one report of both, each with its own namespace, and the worse exit code', async () => {
    const both = await msvc('--context', 'us,eu', '-o', 'json');
    const { contexts } = JSON.parse(both.stdout);
    const names = contexts.map((run: { source: { context: string }; results: { subject: { name: string } }[] }) => [
      run.source.context,
      ...new Set(run.results.map(({ subject }) => subject.name)),
    ]);
    expect(names).toEqual([
      ['us', 'stock', 'us'],
      ['eu', 'orders', 'eu'],
    ]);
    expect(both.exitCode).toBe(1);
    expect((await msvc('--context', 'us,eu', '--only', 'service-discovery')).exitCode).toBe(0);
  });

  test('one that cannot be reached is told, and the others are judged', async () => {
    const { exitCode, stdout, stderr } = await msvc(
      ...['--context', 'gone,us', '--only', 'service-discovery', '-o', 'json'],
    );
    const { contexts, notReported } = JSON.parse(stdout);
    expect(contexts).toHaveLength(1);
    expect(notReported).toMatchObject([{ name: 'gone', outcome: 'failed' }]);
    expect(stderr).toMatch(/^gone: error /m);
    expect(exitCode).toBe(4);
    expect((await msvc('--context', 'gone,eu')).exitCode).toBe(1);
  });

  test('over time each is compared with itself, and alone too', async () => {
    await msvc('--context', 'eu,us', '--write-baseline', 'then.json');
    const same = await msvc('--context', 'us,eu', '--baseline', 'then.json', '--fail-on-new');
    expect([same.exitCode, same.stdout.match(/Nothing changed/g)]).toEqual([0, ['Nothing changed', 'Nothing changed']]);
    expect((await msvc('--context', 'eu', '--baseline', 'then.json', '--fail-on-new')).exitCode).toBe(0);
  });

  test('what may not be read is told of each', async () => {
    const { exitCode, stdout } = await msvc('--context', 'eu,us', '--can-i');
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^eu: all \d+ lists.*^us: all \d+ lists/ms)]);
  });
});
