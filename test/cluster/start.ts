import { type Api, api } from './api.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { controlPlaneBinaries } from './control-plane-binaries.ts';
import { startKubelets } from './kubelets.ts';

export interface TestCluster extends ControlPlane {
  api: Api;
}

/**
 * A Kubernetes cluster in which everything is real but the nodes: what is applied is validated, admitted, rolled out,
 * scheduled and gets its slices; pods only say that they run.
 *
 * @returns the cluster, or why this machine cannot have one
 */
export async function startCluster(
  tell: (line: string) => void,
  { nodes = ['node-0', 'node-1'] }: { nodes?: readonly string[] } = {},
): Promise<TestCluster | { missing: string }> {
  const binaries = await controlPlaneBinaries(process.env, tell);
  if ('missing' in binaries) return binaries;
  const plane = await startControlPlane(binaries.folder);
  const client = api(plane.access);
  try {
    const kubelets = await startKubelets(client, nodes, plane.network);
    return {
      ...plane,
      api: client,
      stop: async () => {
        kubelets.stop();
        client.close();
        await plane.stop();
      },
    };
  } catch (error) {
    client.close();
    await plane.stop();
    throw error;
  }
}
