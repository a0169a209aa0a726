import type { TestProject } from 'vitest/node';
import type { Access } from './api.ts';
import { startCluster } from './start.ts';

declare module 'vitest' {
  interface ProvidedContext {
    cluster: { access: Access; kubeconfig: string } | { missing: string };
  }
}

/** One cluster for all test files of the project; they share it in namespaces of their own. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const tell = (line: string) => process.stderr.write(`control plane: ${line}\n`);
  const cluster = await startCluster(tell);
  if ('missing' in cluster) {
    tell(`suites skipped: ${cluster.missing}`);
    project.provide('cluster', cluster);
    return undefined;
  }
  project.provide('cluster', { access: cluster.access, kubeconfig: cluster.kubeconfig });
  return cluster.stop;
}
