import type { Evidence } from '../../contract.ts';
import { leastOf, scalerOf, scalerParts } from '../../inventory/delivery/scalers.ts';
import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { nameOf } from '../../inventory/kubernetes/types.ts';
import { isKnative, readyPods, type Workload, workloadName } from '../../inventory/kubernetes/workloads.ts';
import { isWritten } from '../../inventory/written.ts';
import { unread } from '../define/define-check.ts';
import type { Found } from './reasons.ts';

/** The fewest replicas that are kept; undefined where nobody here can tell. */
interface Floor {
  replicas: number | undefined;
  /** What keeps them is an autoscaler, whose minimum counts more than the number of the moment. */
  scaled: boolean;
  evidence: Evidence;
}

function floorOf(workload: Workload, facts: Facts): Floor {
  const scaler = scalerOf(workload, facts);
  if (scaler) {
    const { replicas, path } = leastOf(scaler);
    return { replicas, scaled: true, evidence: { object: nameOf(scaler), path, value: String(replicas) } };
  }
  const { wanted, pods } = workload;
  // Where what runs them was not seen, or says no number, the pods themselves are what is known.
  // Knative keeps as many as there are requests.
  const replicas = wanted ?? (pods.length > 0 && !isKnative(workload.object) ? pods.length : undefined);
  const path = wanted === undefined ? 'metadata.ownerReferences' : 'spec.replicas';
  const object = wanted === undefined && pods[0] ? nameOf(pods[0]) : workloadName(workload);
  return {
    replicas,
    scaled: false,
    evidence: { object, path, ...(wanted === undefined ? {} : { value: String(wanted) }) },
  };
}

/** Whether one pod may go and another still answers. */
export function judgeReplicas(component: Component, facts: Facts): Found[] {
  const floors = component.workloads.map((workload) => floorOf(workload, facts));
  const evidence = floors.map((floor) => floor.evidence);
  const known = floors.reduce<number | undefined>(
    (sum, { replicas }) => (sum === undefined || replicas === undefined ? undefined : sum + replicas),
    0,
  );
  if (known === undefined)
    return [
      {
        status: 'unknown',
        reason: 'REPLICAS_HIDDEN',
        message: 'how many replicas of it are kept is filled in later, or decided by its platform',
        evidence,
        fix: 'Judge what the manifests render to, or ask the platform for a minimum of two.',
        atWorst: 'warn',
      },
    ];
  const scaled = floors.some((floor) => floor.scaled);
  if (known === 0 && !scaled)
    return [
      {
        status: 'unknown',
        reason: 'NO_PODS',
        message: 'it is scaled to nothing',
        evidence,
        fix: 'Scale it up and look again.',
      },
    ];
  if (known < 2)
    return [
      {
        status: 'warn',
        reason: 'SINGLE_REPLICA',
        message: scaled
          ? `its autoscaler goes down to ${known === 0 ? 'none' : 'one'}: then a node, a rollout or a crash takes the service away`
          : 'it runs once: a node, a rollout or a crash takes the service away',
        evidence,
        fix: scaled
          ? `Raise ${evidence[0]?.path} of ${evidence[0]?.object} to 2.`
          : 'Run two (spec.replicas: 2), or waive this with the reason why it must run once.',
      },
    ];
  const gaps = facts.ledger.gaps(scalerParts.slice(0, 1), component.namespace);
  const hidden: Found[] =
    gaps.length > 0 && !scaled
      ? [
          {
            ...unread(gaps, 'Nobody can say whether an autoscaler may take it down to one'),
            key: 'scalers',
            atWorst: 'warn',
          },
        ]
      : [];
  return [...hidden, ...judgeReady(component, known, facts)];
}

function judgeReady(component: Component, wanted: number, facts: Facts): Found[] {
  if (isWritten(facts)) return [];
  const { workloads } = component;
  const ready = workloads.flatMap(readyPods).length;
  if (ready >= 2) return [];
  return [
    {
      status: 'warn',
      reason: 'FEW_READY',
      message: `of ${wanted} replicas that are wanted ${ready === 0 ? 'none' : 'one'} is ready: nothing stands in for it at this moment`,
      evidence: workloads.map((workload) => ({
        object: workloadName(workload),
        path: 'status.readyReplicas',
        value: String(readyPods(workload).length),
      })),
      fix: 'Look at why the others are not: kubectl describe pod.',
    },
  ];
}
