import type { ReadOutcome } from '../contract.ts';
import { type Client, ReadError } from './client.ts';
import { projection } from './projection.ts';
import type { Resource } from './resources.ts';
import type { KubeObject } from './snapshot.ts';

/** What became of one list, and what it held. */
export interface Listed {
  outcome: ReadOutcome;
  objects: KubeObject[];
}

/** As many as kubectl asks for at a time: the answer stays small for both sides. */
const pageSize = 500;
/** A list that expires more often than this changes faster than it can be read. */
const restarts = 3;
const metadataOnly = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** Reads one list page by page, pruning every page as it arrives. Never throws for what the server does. */
export async function readList(
  client: Client,
  resource: Resource,
  version: string,
  namespace?: string,
): Promise<Listed> {
  const base = resource.group === '' ? `/api/${version}` : `/apis/${resource.group}/${version}`;
  const where = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const path = `${base}${where}/${resource.plural}?limit=${pageSize}`;
  const type = { apiVersion: resource.group === '' ? version : `${resource.group}/${version}`, kind: resource.kind };
  const prune = projection(resource.keep);
  const accept = resource.metadataOnly ? metadataOnly : undefined;
  const end = (outcome: ReadOutcome['outcome'], objects: KubeObject[], detail?: string): Listed => ({
    outcome: {
      kind: resource.part,
      ...(namespace !== undefined && { namespace }),
      outcome,
      count: objects.length,
      ...(detail && { detail }),
    },
    objects,
  });

  let objects: KubeObject[] = [];
  let strange = 0;
  let token = '';
  for (let expired = 0; ; ) {
    try {
      let page: KubeObject[] = [];
      let odd = 0;
      const at = token === '' ? path : `${path}&continue=${encodeURIComponent(token)}`;
      const rest = await client.list(at, accept, () => {
        page = [];
        odd = 0;
        return (item) => {
          const object = prune(item, type);
          if (object) page.push(object);
          else odd++;
        };
      });
      token = nextOf(rest);
      objects.push(...page);
      strange += odd;
    } catch (error) {
      if (!(error instanceof ReadError)) throw error;
      if (error.status === 410 && expired++ < restarts) {
        objects = [];
        strange = 0;
        token = '';
        continue;
      }
      if (error.status === 403) return end(objects.length > 0 ? 'partial' : 'forbidden', objects, error.message);
      // Also 404: discovery served it a moment ago, so nothing is proven absent.
      return end(objects.length > 0 ? 'partial' : 'error', objects, error.message);
    }
    if (token === '') break;
  }
  return strange > 0 ? end('partial', objects, `${strange} without metadata`) : end('ok', objects);
}

function nextOf(list: unknown): string {
  const { items, metadata } = (list ?? {}) as { items?: unknown; metadata?: { continue?: unknown } };
  // An empty list is `[]`; of some aggregated servers it is null.
  if (items !== null && !Array.isArray(items)) throw new ReadError(0, 'the answer is no list');
  return typeof metadata?.continue === 'string' ? metadata.continue : '';
}
