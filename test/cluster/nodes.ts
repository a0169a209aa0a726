import type { Api, Json } from './api.ts';
import { until } from './until.ts';

const nodes = '/api/v1/nodes';

/** Takes all nodes away, as in a cluster that is scaled to none; what it returns brings them back. */
export async function withoutNodes(cluster: Api): Promise<() => Promise<void>> {
  const { items } = await cluster.get(nodes);
  for (const { metadata } of items) await cluster.send('DELETE', `${nodes}/${metadata.name}`);
  await until('all nodes to be gone', async () => (await cluster.get(nodes)).items.length === 0);
  return async () => {
    await Promise.all(items.map((node: Json) => bringBack(cluster, node)));
  };
}

async function bringBack(cluster: Api, { metadata, status }: Json): Promise<void> {
  const { name, labels } = metadata;
  await cluster.send('POST', nodes, { metadata: { name, labels } });
  await cluster.send('PATCH', `${nodes}/${name}/status`, { status }, 'application/strategic-merge-patch+json');
  await until(`${name} to take pods`, async () => !(await cluster.get(`${nodes}/${name}`)).spec.taints);
}
