import type { ProbePurpose } from '../../contract.ts';

/** One request that a run is going to send. */
export interface PlannedRequest {
  purpose: ProbePurpose;
  /** Where it goes in the pod; of `logs` absent, for that is the API server's own. */
  to?: { scheme: 'http' | 'https'; port: number; path: string };
}

/** What one pod of a service is going to be asked. */
export interface PlannedPod {
  namespace: string;
  pod: string;
  container: string;
  /** "shop/orders": the service that it stands for. */
  service: string;
  requests: readonly PlannedRequest[];
}

/** What a run keeps to, so that asking harms nobody. */
export const probeLimits = {
  /** Requests in flight, and never two to one pod. */
  concurrency: 5,
  /** Milliseconds that an answer may take. */
  patience: 2000,
  /** Bytes of an answer that are read. */
  body: 64 * 1024,
  /** Lines of a log that are read. */
  lines: 50,
  /** Requests of a run. */
  requests: 1000,
  /** Milliseconds of a run. */
  total: 120_000,
  /** Milliseconds after which a log is read once more, where our own request does not stand in it yet. */
  secondLook: 3000,
} as const;

/** The request as the API server is asked; of a query for the app it says only that there is one. */
export const shownRequest = (pod: PlannedPod, request: PlannedRequest): string =>
  `GET ${pathOf(pod, request).replace(/(\/proxy\/[^?]*)\?.*$/s, '$1?…')}`;

/** Path of the API server: its proxy to a pod, or the pod's log. */
export function pathOf({ namespace, pod, container }: PlannedPod, { to }: PlannedRequest): string {
  const base = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/`;
  if (!to) {
    const { lines, body } = probeLimits;
    const query = new URLSearchParams({ container, tailLines: String(lines), limitBytes: String(body) });
    return `${base}${encodeURIComponent(pod)}/log?${query}`;
  }
  const scheme = to.scheme === 'https' ? 'https:' : '';
  return `${base}${scheme}${encodeURIComponent(pod)}:${to.port}/proxy${to.path.startsWith('/') ? '' : '/'}${to.path}`;
}

/** Cuts what is more than a run may send; what was left out is told as not asked. */
export function withinLimit(pods: readonly PlannedPod[]): { pods: PlannedPod[]; left: PlannedPod[] } {
  let sum = 0;
  const fits = ({ requests }: PlannedPod): boolean => {
    sum += requests.length;
    return sum <= probeLimits.requests;
  };
  const kept = pods.filter(fits);
  return { pods: kept, left: pods.filter((pod) => !kept.includes(pod)) };
}
