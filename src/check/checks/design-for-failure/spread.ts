import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { at, fields, items, text } from '../../inventory/kubernetes/fields.ts';
import { nameOf } from '../../inventory/kubernetes/types.ts';
import { readyPods, workloadName } from '../../inventory/kubernetes/workloads.ts';
import { perRun } from '../../inventory/per-run.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import { unread } from '../define/define-check.ts';
import type { Found } from './reasons.ts';

/** What a node has for a while, and its own controller writes: no sign that it is not for applications. */
const passing = /^node\.kubernetes\.io\/|^node\.cloudprovider\.kubernetes\.io\//;

const takesApplications = (node: KubeObject): boolean =>
  items(at(node, 'spec', 'taints')).every((taint) => {
    const { key, effect } = fields(taint);
    return effect === 'PreferNoSchedule' || passing.test(text(key) ?? '');
  });

const workers = perRun((facts) => facts.list('nodes').filter(takesApplications).length);

/** Nodes on which it is ready. */
export const nodesOf = ({ workloads }: Component): string[] => [
  ...new Set(workloads.flatMap(readyPods).flatMap(({ spec }) => spec.nodeName ?? [])),
];

/** Whether one node may go and another replica still answers; said of two ready pods and more. */
export function judgeSpread(component: Component, facts: Facts): Found[] {
  const ready = component.workloads.flatMap(readyPods);
  const nodes = nodesOf(component);
  if (ready.length < 2 || nodes.length !== 1) return [];
  const gaps = facts.ledger.gaps(['nodes']);
  const [node = ''] = nodes;
  const message = `all ${ready.length} ready pods of it are on ${node}`;
  if (gaps.length > 0)
    return [
      {
        ...unread(gaps, `${message}, and nobody can say whether there is another node`),
        key: 'nodes',
        atWorst: 'warn',
      },
    ];
  const evidence = ready.slice(0, 2).map((pod) => ({ object: nameOf(pod), path: 'spec.nodeName', value: node }));
  if (workers(facts) < 2)
    return [
      {
        status: 'note',
        reason: 'ONE_NODE_CLUSTER',
        message: 'the cluster has one node for applications: what happens to that happens to all of it',
        evidence,
        fix: 'Add a node before this carries what matters.',
      },
    ];
  const [workload] = component.workloads;
  const object = workload?.object;
  const spread = object ? items(at(object, 'spec', 'template', 'spec', 'topologySpreadConstraints')) : [];
  if (workload && spread.length > 0)
    return [
      {
        status: 'warn',
        reason: 'ONE_NODE',
        message: `${message}, although its topologySpreadConstraints ask for more: they count when a pod is placed, and not after`,
        evidence,
        fix: `Place them anew: kubectl rollout restart ${workload.kind.toLowerCase()}/${workload.name} -n ${workload.namespace}`,
      },
    ];
  return [
    {
      status: 'warn',
      reason: 'ONE_NODE',
      message: `${message}: with that node all of it is gone`,
      evidence,
      fix: `Spread the pods of ${workload ? workloadName(workload) : component.key} over nodes: spec.template.spec.topologySpreadConstraints: [{ maxSkew: 1, topologyKey: kubernetes.io/hostname, whenUnsatisfiable: ScheduleAnyway, labelSelector: … }].`,
    },
  ];
}
