import { randomBytes, randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { Ports } from '../../../ports.ts';
import type { PodObservation, ProbeAnswer } from '../../contract.ts';
import type { ClusterOptions } from '../cluster/cluster.ts';
import { type Connection, connect } from '../cluster/kubeconfig.ts';
import { type Asked, ask } from './ask.ts';
import { type OurIds, type ReadLog, readLog, sharedIds } from './log-sample.ts';
import { type PlannedPod, type PlannedRequest, probeLimits, shownRequest, withinLimit } from './planned.ts';
import { shownBy } from './shown.ts';

/** A pod, what it was asked so far, and the ids that our own request to it carried. */
interface Visit {
  pod: PlannedPod;
  ours: OurIds;
  asked: Asked[];
  log?: ReadLog;
}

/** One run of requests: what they share, and what stops them. */
interface Round {
  connection: Connection;
  signal: AbortSignal;
  /** Of our tool, for the logs of whoever is asked. */
  agent: string;
  /** Why nothing more of a kind is sent to a namespace: its right is missing. */
  refusedIn: Map<string, string>;
}

/**
 * Asks pods what was planned, by GET alone, and keeps of their answers what `PodObservation` holds.
 *
 * @param version of this tool
 * @throws UserError of the kubeconfig
 */
export async function observePods(
  planned: readonly PlannedPod[],
  options: Pick<ClusterOptions, 'kubeconfig' | 'context'>,
  version: string,
  ports: Ports,
): Promise<PodObservation[]> {
  const connection = await connect(options, ports);
  const signal = AbortSignal.any([ports.signal, AbortSignal.timeout(probeLimits.total)]);
  // Every request in flight listens to it.
  setMaxListeners(0, signal);
  const round: Round = { connection, signal, agent: `msvc-check-cluster/${version}`, refusedIn: new Map() };
  const { pods, left } = withinLimit(planned);
  const visits = pods.map((pod): Visit => ({ pod, ours: newIds(), asked: [] }));
  try {
    ports.progress.step(`Asking ${pods.length} ${pods.length === 1 ? 'pod' : 'pods'}`);
    await each(visits, (visit) => probe(visit, round));
    const asked = performance.now();
    await each(visits, (visit) => sample(visit, round));
    await lookAgain(visits, asked, round);
    ports.signal.throwIfAborted();
  } finally {
    connection.agent.destroy();
  }
  const shared = sharedIds(new Map(visits.flatMap(({ pod, log }) => (log ? [[keyOf(pod), log] as const] : []))));
  return [...visits.map((visit) => observationOf(visit, shared)), ...left.map(notAsked)].sort((a, b) =>
    keyOf(a) < keyOf(b) ? -1 : 1,
  );
}

const keyOf = ({ namespace, pod }: Pick<PlannedPod, 'namespace' | 'pod'>): string => `${namespace}/${pod}`;

const newIds = (): OurIds => ({ trace: randomBytes(16).toString('hex'), correlation: randomUUID() });

/** Some at a time, in order. */
async function each(visits: readonly Visit[], work: (visit: Visit) => Promise<void>): Promise<void> {
  const rest = visits.values();
  const worker = async (): Promise<void> => {
    for (const visit of rest) await work(visit);
  };
  await Promise.all(Array.from({ length: probeLimits.concurrency }, worker));
}

/** Where nobody answered so often, the port is left alone: each further request would be waited for in vain. */
const patientFor = 2;

async function probe(visit: Visit, round: Round): Promise<void> {
  const silent = new Map<number, number>();
  for (const request of visit.pod.requests) {
    if (!request.to) continue;
    const { port } = request.to;
    if ((silent.get(port) ?? 0) >= patientFor) {
      const why = `nothing answered at port ${port} ${patientFor} times before`;
      visit.asked.push({ answer: unasked(visit.pod, request, why) });
      continue;
    }
    const asked = await askOnce(visit, request, round);
    if (asked.answer.outcome === 'unreached') silent.set(port, (silent.get(port) ?? 0) + 1);
    visit.asked.push(asked);
  }
}

async function sample(visit: Visit, round: Round): Promise<void> {
  const request = visit.pod.requests.find(({ to }) => !to);
  if (!request) return;
  const asked = await askOnce(visit, request, round);
  visit.asked.push(asked);
  if (asked.app) visit.log = readLog(asked.app.body, sentIds(visit));
}

/** Once more, for those whose logs do not show our own request yet: logs are written and shipped in pieces. */
async function lookAgain(visits: readonly Visit[], since: number, round: Round): Promise<void> {
  const waiting = visits.filter(
    ({ log }) => log?.sample.ours && !log.sample.ours.trace && !log.sample.ours.correlation,
  );
  if (waiting.length === 0) return;
  const wait = Math.max(0, since + probeLimits.secondLook - performance.now());
  await pause(wait, undefined, { signal: round.signal }).catch(() => {});
  await each(waiting, async (visit) => {
    const request = visit.pod.requests.find(({ to }) => !to);
    if (!request || round.signal.aborted) return;
    const { app } = await askOnce(visit, request, round);
    if (app) visit.log = readLog(app.body, sentIds(visit));
  });
}

/** Our ids, where a request that carried them was answered. */
const sentIds = ({ asked, ours }: Visit): OurIds | undefined =>
  asked.some(({ answer }) => answer.purpose === 'nowhere' && answer.outcome === 'answered') ? ours : undefined;

async function askOnce({ pod, ours }: Visit, request: PlannedRequest, round: Round): Promise<Asked> {
  const right = request.to ? 'pods/proxy' : 'pods/log';
  const why = round.signal.aborted
    ? `the ${probeLimits.total / 1000} s of a run were over`
    : round.refusedIn.get(`${pod.namespace} ${right}`);
  if (why !== undefined) return { answer: unasked(pod, request, why) };
  const headers = { 'user-agent': round.agent, ...(request.purpose === 'nowhere' ? marked(ours) : {}) };
  const asked = await ask(round.connection, pod, request, headers, round.signal);
  const { outcome, detail = '' } = asked.answer;
  // Whoever has no right is told once, and does not knock at every door.
  if (outcome === 'refused' && detail.includes(`"${right}"`))
    round.refusedIn.set(`${pod.namespace} ${right}`, `there is no right to get ${right} in ${pod.namespace}`);
  return asked;
}

const marked = ({ trace, correlation }: OurIds): Record<string, string> => ({
  traceparent: `00-${trace}-${randomBytes(8).toString('hex')}-01`,
  'x-correlation-id': correlation,
  'x-request-id': correlation,
});

const unasked = (pod: PlannedPod, request: PlannedRequest, detail: string): ProbeAnswer => ({
  purpose: request.purpose,
  request: shownRequest(pod, request),
  outcome: 'not-asked',
  detail,
});

const notAsked = (pod: PlannedPod): PodObservation => ({
  namespace: pod.namespace,
  pod: pod.pod,
  container: pod.container,
  answers: pod.requests.map((request) => unasked(pod, request, `a run sends ${probeLimits.requests} requests`)),
});

const observationOf = ({ pod, ours, asked, log }: Visit, shared: ReadonlyMap<string, string[]>): PodObservation => ({
  namespace: pod.namespace,
  pod: pod.pod,
  container: pod.container,
  answers: asked.map(({ answer }) => answer),
  ...shownBy(asked, ours),
  ...(log ? { logs: { ...log.sample, sharedWith: shared.get(keyOf(pod)) ?? [] } } : {}),
});
