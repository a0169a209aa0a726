import { setInterval } from 'node:timers';
import { setTimeout as pause } from 'node:timers/promises';
import { type Api, ApiError, type Json } from './api.ts';
import type { PodNetwork } from './pod-network.ts';
import { podStatus } from './pod-status.ts';

/**
 * A stand-in for the kubelets of a few nodes: it reports what they would (node and pod status, leases), gives volumes to
 * claims, and lets deleted pods go. Nothing runs; a pod may name a process of this machine that stands for it, see
 * `pod-network.ts`. What a pod does is chosen by its annotation `test.msvc.dev/pod`, see `pod-status.ts`.
 */
export interface Kubelets {
  stop(): void;
}

const merge = 'application/merge-patch+json';
const strategic = 'application/strategic-merge-patch+json';

export async function startKubelets(cluster: Api, nodes: readonly string[], network: PodNetwork): Promise<Kubelets> {
  const end = new AbortController();
  await Promise.all(nodes.map((name, index) => register(cluster, name, index)));
  const renewal = setInterval(() => {
    for (const name of nodes) void renew(cluster, name).catch(() => {});
  }, 10_000);
  renewal.unref();

  const address = addresses();
  cluster.watch('/api/v1/pods?fieldSelector=spec.nodeName!=', end.signal, (type, pod) => {
    const ip = address.of(pod.metadata.uid);
    network.know(ip, type === 'DELETED' ? undefined : pod);
    if (type === 'DELETED') return address.release(pod.metadata.uid);
    void persist(() => tend(cluster, pod, ip), end.signal);
  });
  cluster.watch('/api/v1/persistentvolumeclaims', end.signal, (type, claim) => {
    void persist(() => (type === 'DELETED' ? dropVolume(cluster, claim) : giveVolume(cluster, claim)), end.signal);
  });
  return {
    stop: () => {
      clearInterval(renewal);
      end.abort();
    },
  };
}

/** Until it is done, or there is nothing to do it to: no event tells of what failed for want of an answer. */
async function persist(work: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
      return;
    } catch (error) {
      // Deleted or changed meanwhile: the next event tells.
      if (error instanceof ApiError && [404, 409, 422].includes(error.status)) return;
      if (!signal.aborted) console.error(String(error));
      await pause(500);
    }
  }
}

async function register(cluster: Api, name: string, index: number): Promise<void> {
  const now = new Date().toISOString();
  const resources = { cpu: '1000', memory: '4Ti', pods: '20000', 'ephemeral-storage': '4Ti' };
  await cluster.send('POST', '/api/v1/nodes', {
    metadata: {
      name,
      labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' },
    },
  });
  await renew(cluster, name);
  await cluster.send(
    'PATCH',
    `/api/v1/nodes/${name}/status`,
    {
      status: {
        capacity: resources,
        allocatable: resources,
        addresses: [{ type: 'InternalIP', address: `192.0.2.${100 + index}` }],
        nodeInfo: { kubeletVersion: 'v1.36.3', operatingSystem: 'linux', architecture: 'amd64' },
        conditions: [
          { type: 'Ready', status: 'True', reason: 'KubeletReady', lastHeartbeatTime: now, lastTransitionTime: now },
        ],
      },
    },
    strategic,
  );
}

/** Without it the node lifecycle controller takes the node for dead after 40 s and evicts its pods. */
async function renew(cluster: Api, name: string): Promise<void> {
  const spec = {
    holderIdentity: name,
    leaseDurationSeconds: 40,
    renewTime: `${new Date().toISOString().slice(0, -1)}000Z`,
  };
  const path = '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases';
  try {
    await cluster.send('PATCH', `${path}/${name}`, { spec }, merge);
  } catch (error) {
    if ((error as { status?: number }).status !== 404) throw error;
    await cluster.send('POST', path, { metadata: { name }, spec });
  }
}

async function tend(cluster: Api, pod: Json, ip: string): Promise<void> {
  const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}`;
  if (pod.metadata.deletionTimestamp) {
    await cluster.send('DELETE', path, { gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } });
    return;
  }
  const status = podStatus(pod, ip, new Date());
  if (status) await cluster.send('PATCH', `${path}/status`, { status }, strategic);
}

const volumeOf = (claim: Json) => `claim-${claim.metadata.uid}`;

async function giveVolume(cluster: Api, claim: Json): Promise<void> {
  if (claim.status?.phase !== 'Pending' || claim.spec.volumeName) return;
  const { name, namespace, uid } = claim.metadata;
  await cluster.send('POST', '/api/v1/persistentvolumes', {
    metadata: { name: volumeOf(claim) },
    spec: {
      capacity: { storage: claim.spec.resources.requests.storage },
      accessModes: claim.spec.accessModes,
      storageClassName: claim.spec.storageClassName ?? '',
      persistentVolumeReclaimPolicy: 'Retain',
      hostPath: { path: '/var/empty' },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid },
    },
  });
}

const dropVolume = (cluster: Api, claim: Json) =>
  cluster.send('DELETE', `/api/v1/persistentvolumes/${volumeOf(claim)}`);

/** An address a pod, from 10.244.0.0/14: enough for every test, taken again when the pod is gone. */
function addresses() {
  const held = new Map<string, number>();
  const free: number[] = [];
  let next = 1;
  return {
    of(uid: string): string {
      let number = held.get(uid);
      if (number === undefined) {
        number = free.pop() ?? next++;
        held.set(uid, number);
      }
      return `10.${244 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
    },
    release(uid: string): void {
      const number = held.get(uid);
      if (number !== undefined) free.push(number);
      held.delete(uid);
    },
  };
}
