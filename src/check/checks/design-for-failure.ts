import { budgetPart } from '../inventory/delivery/disruption-budgets.ts';
import { scalerParts } from '../inventory/delivery/scalers.ts';
import type { Facts } from '../inventory/facts.ts';
import type { Component } from '../inventory/graph/components.ts';
import { readyPods, type Workload, workloadName, workloadParts } from '../inventory/kubernetes/workloads.ts';
import { isPlanned, isWritten } from '../inventory/written.ts';
import { decidedBy, defineCheck, notApplicable, notYet, unread } from './define/define-check.ts';
import { judgeBudgets } from './design-for-failure/budgets.ts';
import { judgePod } from './design-for-failure/pod.ts';
import { type Found, type Judgement, reasons } from './design-for-failure/reasons.ts';
import { judgeReplicas } from './design-for-failure/replicas.ts';
import { judgeRollout } from './design-for-failure/rollout.ts';
import { judgeSpread, nodesOf } from './design-for-failure/spread.ts';

/** Runs once on each node: neither a number of replicas nor a drain is its matter. */
const isPerNode = ({ kind }: Workload): boolean => kind === 'DaemonSet';

/** This practice never fails, so that can hide no more than a warning. */
const later: Found = {
  ...notYet('how many of it will be ready, and on how many nodes, shows only once it runs'),
  atWorst: 'warn',
};

const nobodySeen = {
  status: 'unknown',
  reason: 'NO_PODS',
  message: 'no pod or workload of it was seen',
  fix: 'Make the selector match the pods; see service-discovery.',
} as const;

/** Where there is nothing that a budget could keep, or nobody knows whether there is. */
const notSeveral: ReadonlySet<Found['reason']> = new Set(['SINGLE_REPLICA', 'NO_PODS', 'REPLICAS_HIDDEN']);

function judgeReplicated(component: Component, facts: Facts): Found[] {
  const replicas = judgeReplicas(component, facts);
  const several = !replicas.some(({ reason }) => notSeveral.has(reason));
  return [
    ...replicas,
    ...judgeSpread(component, facts),
    ...component.workloads.flatMap((workload) => judgeBudgets(workload, several, facts)),
    ...component.workloads.flatMap((workload) => judgeRollout(workload, facts)),
  ];
}

function judge(component: Component, facts: Facts): Judgement {
  const { workloads, namespace } = component;
  if (facts.classOf(component).class !== 'application')
    return notApplicable('NOT_AN_APPLICATION', 'a data store or broker: how it survives is its own protocol’s matter');
  const planned = isPlanned(component, facts);
  const isFolder = isWritten(facts);
  const gaps = isFolder && workloads.length > 0 ? [] : facts.ledger.gaps(['pods'], namespace);
  if (gaps.length > 0) return decidedBy([unread(gaps, 'Nobody can say how many of it run, and where')]);
  if (workloads.length === 0) return decidedBy([nobodySeen]);
  const perNode = workloads.every(isPerNode);
  const findings: Found[] = [
    ...(perNode ? [] : judgeReplicated(component, facts)),
    ...workloads.flatMap((workload) => judgePod(component, workload)),
    ...(planned && !perNode ? [later] : []),
  ];
  const ready = workloads.flatMap(readyPods).length;
  const nodes = nodesOf(component).length;
  if (perNode)
    return {
      level: ready > 0 ? 'observed' : 'wired',
      reason: 'ON_EVERY_NODE',
      message: 'a pod of it runs on every node',
      findings,
    };
  return {
    // Where no pod can be seen, nobody knows on how many nodes they will be.
    level: isFolder ? 'configured' : 'observed',
    reason: 'SURVIVES_A_NODE',
    message: isFolder
      ? 'its manifests ask for replicas, a budget and requests; on how many nodes its pods run is seen in a cluster'
      : `${ready} replicas are ready on ${nodes === 1 ? 'the one node' : `${nodes} nodes`}, and a drain or a rollout leaves some of them`,
    evidence: workloads.map((workload) => ({
      object: workloadName(workload),
      path: 'spec.replicas',
      value: String(workload.wanted ?? ready),
    })),
    findings,
  };
}

export default defineCheck({
  id: 'design-for-failure',
  title: 'Designed for failure',
  item: 'Design for failure',
  kind: 'practice',
  heading: { long: 'resilience', short: 'resil' },
  reads: {
    needs: ['pods'],
    uses: ['services', 'nodes', 'configmaps', ...workloadParts, ...scalerParts, budgetPart],
  },
  verdicts: ['pass', 'warn', 'unknown', 'n-a'],
  reasons,
  docs: {
    why: 'A node is drained, a pod is moved, a version is rolled out: each happens every week, and each takes away a service that runs once, whose replicas share a node, or whose rollout stops all of them. It costs a few lines to see none of that.',
    judges:
      'Pass: two replicas or more (the minimum of an autoscaler counts, not the number of the moment) ready on two nodes, one disruption budget over them that lets a pod go and not all of them, a rollout that leaves some, requests for cpu and memory, and a grace period longer than the preStop hook. Warn: each of these that is missing. Never a fail. A cluster with one node for applications is noted. Data stores and brokers do not apply; a DaemonSet is judged by its requests alone.',
    wrongWhen:
      'Some things must run once (a leader that elects nobody, a queue of one): waive it with that reason. Retries and timeouts of callers are judged by circuit-breakers. In a folder a LimitRange of the namespace may add requests that no template shows.',
    fix: 'Run two replicas with topologySpreadConstraints over kubernetes.io/hostname, a PodDisruptionBudget with maxUnavailable: 1, a rolling update, requests, and a terminationGracePeriodSeconds above preStop.',
  },
  judge,
});
