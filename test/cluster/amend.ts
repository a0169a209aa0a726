import type { Api, Json } from './api.ts';
import { type ResourceTable, readObjects, resourceTable } from './apply.ts';
import { until } from './until.ts';

const merge = 'application/merge-patch+json';

/**
 * Merges objects, one after the other, into those that are there, as a controller that is not here would write them: a
 * `status` through its subresource; owners are looked up by `name` or by `labelled: key=value`, and a label whose value
 * is `$owner` is the owner's.
 */
export async function amend(cluster: Api, path: string): Promise<void> {
  const resources = resourceTable(cluster);
  for (const { apiVersion, kind, metadata, status, ...rest } of await readObjects(path)) {
    const { name, namespace, ownerReferences = [], labels = {}, ...marks } = metadata;
    const object = `${await pathOf(resources, apiVersion, kind, namespace)}/${name}`;
    // What the kubelet says of it comes first: it would be said again over this.
    if (kind === 'Pod')
      await until(`${object} to be reported`, async () => (await cluster.get(object)).status?.podIP !== undefined);
    if (status) await cluster.send('PATCH', `${object}/status`, { status }, merge);
    for (const { labelled, ...reference } of ownerReferences) {
      const owner = await find(cluster, await pathOf(resources, reference.apiVersion, reference.kind, namespace), {
        labelled,
        name: reference.name,
      });
      marks.ownerReferences ??= [];
      marks.ownerReferences.push({ ...reference, name: owner.metadata.name, uid: owner.metadata.uid });
      for (const [key, value] of Object.entries(labels))
        if (value === '$owner') labels[key] = owner.metadata.labels[key];
    }
    const change = { metadata: { ...marks, ...(Object.keys(labels).length > 0 ? { labels } : {}) }, ...rest };
    if (Object.keys(change.metadata).length + Object.keys(rest).length > 0)
      await cluster.send('PATCH', object, change, merge);
  }
}

async function pathOf(
  resources: ResourceTable,
  apiVersion: string,
  kind: string,
  namespace: string | undefined,
): Promise<string> {
  const { path, namespaced } = await resources(apiVersion, kind);
  return path.replace('{namespaces}', namespaced ? `/namespaces/${namespace ?? 'default'}` : '');
}

async function find(
  cluster: Api,
  path: string,
  { name, labelled }: { name?: string; labelled?: string },
): Promise<Json> {
  const query = labelled ? `labelSelector=${encodeURIComponent(labelled)}` : `fieldSelector=metadata.name=${name}`;
  let found: Json;
  await until(`${path}?${query}`, async () => {
    [found] = (await cluster.get(`${path}?${query}`)).items;
    return found !== undefined;
  });
  return found;
}
