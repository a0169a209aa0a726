import { randomUUID } from 'node:crypto';
import type { Api } from '../cluster/api.ts';
import { until } from '../cluster/until.ts';
import { type Entry, putAll } from './etcd.ts';
import { type Specimen, type Stored, word } from './specimen.ts';

export interface Size {
  services: number;
  pods: number;
}

export const namespaceCount = 20;

/** Namespaces of all services. */
export async function makeNamespaces(cluster: Api): Promise<void> {
  for (let index = 0; index < namespaceCount; index++)
    await cluster.send('POST', '/api/v1/namespaces', { metadata: { name: `team-${index}` } });
}

/**
 * Adds copies of the specimen until the cluster has services and pods of this number, and waits until the API server
 * sees them. They are put straight into etcd: created one by one they take the server minutes, and what it would store
 * is known from the specimen.
 *
 * @returns how many objects were written
 */
export async function fill(
  { cluster, etcd }: { cluster: Api; etcd: string },
  of: Specimen,
  to: Size,
  from: Size = { services: 0, pods: 0 },
): Promise<number> {
  const written = await putAll(etcd, copies(of, to, from));
  await until(
    `the API server to see ${to.pods} pods`,
    async () => {
      const { items, metadata } = await cluster.get('/api/v1/pods?limit=1');
      return items.length + (metadata.remainingItemCount ?? 0) === to.pods;
    },
    { timeout: 300_000 },
  );
  return written;
}

function* copies({ own, pod }: Specimen, to: Size, from: Size): Generator<Entry> {
  const ownText = own.map(textOf);
  const podText = textOf(pod);
  const perService = (to.pods - from.pods) / (to.services - from.services);
  const firstPod = (index: number) => from.pods + Math.round((index - from.services) * perService);
  for (let index = from.services; index < to.services; index++) {
    const words = wordsOf(index, to.services);
    const pods = range(firstPod(index), firstPod(index + 1)).map((number) => podWords(words, number, pod));
    for (const { key, text, endpoint } of ownText)
      yield [
        filled(key, words),
        filled(text, words).replace(endpoints, () => pods.map((each) => filled(endpoint, each)).join(',')),
      ];
    for (const each of pods) yield [filled(podText.key, each), filled(podText.text, each)];
  }
}

const endpoints = '"every endpoint"';

/** As it will lie in etcd, where no version of it is written down; of a slice the one endpoint beside it. */
function textOf({ key, object }: Stored): { key: string; text: string; endpoint: string } {
  const { resourceVersion: _, ...metadata } = object.metadata;
  const [endpoint] = object.endpoints ?? [];
  const rest = { ...object, metadata, ...(endpoint && { endpoints: ['every endpoint'] }) };
  return { key, text: JSON.stringify(rest), endpoint: JSON.stringify(endpoint ?? '') };
}

type Words = (found: string) => string;

const pattern = new RegExp(
  [...Object.values(word).flat(), '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}']
    .map((each) => each.replaceAll('.', '\\.'))
    .join('|'),
  'g',
);
const filled = (text: string, words: Words): string => text.replace(pattern, words);

/** Of one service: its names, and for every identity of the specimen one of its own. */
function wordsOf(index: number, services: number): Words {
  const home = (one: number) => `team-${one % namespaceCount}`;
  const known = new Map<string, string>([
    [word.name, `service-${index}`],
    [word.namespace, home(index)],
    [word.clusterIP, `10.96.${1 + (index >> 8)}.${index & 255}`],
  ]);
  for (const [call, token] of word.calls.entries()) {
    // Calls lead down a hierarchy; only the last few dozen services call back and are one tangle.
    const step = [1, 7, 31][call] ?? 1;
    const callee = index + step < services ? index + step : index - step;
    known.set(token, `service-${callee}.${home(callee)}`);
  }
  return remembering(known);
}

/** Of one of its pods: who owns it is the service's, who it is its own. */
function podWords(service: Words, number: number, { object }: Stored): Words {
  const known = new Map<string, string>([
    [word.pod, `${service(word.name)}-5d9f8b7c6d-${number.toString(36).padStart(5, 'x')}`],
    [word.podIP, `10.${244 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`],
    [word.node, `node-${number % 10}`],
    [word.token, `kube-api-access-${number.toString(36).padStart(5, 'x')}`],
    [object.metadata.uid, randomUUID()],
  ]);
  return (found) => known.get(found) ?? service(found);
}

const remembering =
  (known: Map<string, string>): Words =>
  (found) => {
    const made = known.get(found) ?? randomUUID();
    known.set(found, made);
    return made;
  };

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, step) => from + step);
