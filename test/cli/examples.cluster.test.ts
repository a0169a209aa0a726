import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { ApiError } from '../cluster/api.ts';
import { describeCluster } from '../cluster/use-cluster.ts';
import { useBuiltPackage } from './support/built-package.ts';
import { asksCluster, helpExamples, inlineCommands, ownReadmes, shellLines } from './support/documented-commands.ts';

const documented = [
  ...helpExamples,
  ...Object.entries(ownReadmes).flatMap(([from, text]) => [...shellLines(text, from), ...inlineCommands(text, from)]),
];
const lines = [...new Set(documented.map(({ line }) => line))].filter(asksCluster);

describeCluster('the examples that ask a cluster', (cluster) => {
  const built = useBuiltPackage();
  const cwd = mkdtempSync(join(tmpdir(), 'msvc-examples-'));
  const kubeconfig = join(cwd, 'kubeconfig');
  beforeAll(async () => {
    // The examples name two contexts: here both lead to the one cluster.
    const config = parse(readFileSync(cluster.kubeconfig, 'utf8'));
    const [{ context }] = config.contexts;
    for (const name of ['eu', 'us']) config.contexts.push({ name, context });
    writeFileSync(kubeconfig, stringify(config), { mode: 0o600 });
    for (const name of ['shop', 'apps'])
      await cluster.api.send('POST', '/api/v1/namespaces', { metadata: { name } }).catch((error) => {
        if (!(error instanceof ApiError && error.status === 409)) throw error;
      });
  });
  afterAll(() => rmSync(cwd, { recursive: true, force: true }));

  it.each(lines)('%s', (line) => {
    const env = { PATH: built.path, HOME: cwd, KUBECONFIG: kubeconfig };
    const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { cwd, env, encoding: 'utf8' });
    // What it finds there is no matter here: that it came so far is.
    expect([0, 1, 3], `${stdout}${stderr}`).toContain(status);
    expect(stderr).not.toContain('error ');
  });
});
