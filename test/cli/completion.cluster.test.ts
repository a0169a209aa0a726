import { expect, it } from 'vitest';
import { runCommandLine } from '../../src/cli/main.ts';
import { describeCluster } from '../cluster/use-cluster.ts';
import { testPorts } from './support/test-ports.ts';

describeCluster('the completion of namespaces', (cluster) => {
  it('asks the cluster of the context', async () => {
    const namespace = await cluster.namespace();
    const ports = testPorts({ env: { KUBECONFIG: cluster.kubeconfig } });
    const words = ['msvc', 'check-cluster', '--demo', '-n', namespace.slice(0, -1)].map((word) => `--word=${word}`);
    expect(await runCommandLine('msvc', ['completion', 'bash', ...words], ports)).toBe(0);
    expect(ports.stdout.text.split('\n')).toContain(namespace);
  });
});
