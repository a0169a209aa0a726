import type { FoundFor, JudgementFor } from '../define/define-check.ts';
import { notRead, notRunningYet, type Reasons } from '../define/reasons.ts';

export const reasons = {
  SURVIVES_A_NODE: { status: 'pass', title: 'Replicas on several nodes, and a drain or a rollout leaves some of them' },
  ON_EVERY_NODE: { status: 'pass', title: 'A pod on every node: what happens to one node stays there' },
  NOT_AN_APPLICATION: { status: 'n-a', title: 'A data store or broker: how it survives is its own protocol’s matter' },
  SINGLE_REPLICA: { status: 'warn', title: 'One replica, or an autoscaler that goes down to one' },
  FEW_READY: { status: 'warn', title: 'Several replicas are wanted, and fewer than two are ready' },
  ONE_NODE: { status: 'warn', title: 'All ready replicas are on one node of several' },
  NO_BUDGET: {
    status: 'warn',
    title: 'No disruption budget: a drain may take all replicas at once',
    fix: 'Make one: kubectl create poddisruptionbudget NAME --selector=app=NAME --max-unavailable=1',
  },
  BUDGET_BLOCKS: { status: 'warn', title: 'A disruption budget that never lets a node drain' },
  BUDGET_KEEPS_NONE: { status: 'warn', title: 'A disruption budget that lets all replicas go at once' },
  TWO_BUDGETS: { status: 'warn', title: 'Two disruption budgets over the same pods: their eviction is refused' },
  RECREATES: { status: 'warn', title: 'A rollout stops all replicas before it starts the next' },
  ROLLOUT_TAKES_ALL: { status: 'warn', title: 'A rollout may take all replicas at once' },
  NO_REQUESTS: { status: 'warn', title: 'No requests for cpu or memory: the first to go where a node is full' },
  GRACE_TOO_SHORT: { status: 'warn', title: 'The grace period ends before the preStop hook does' },
  ONE_NODE_CLUSTER: { status: 'note', title: 'The cluster has one node for applications' },
  REPLICAS_HIDDEN: { status: 'unknown', title: 'How many replicas are kept is decided where nobody can look' },
  NO_PODS: { status: 'unknown', title: 'None of it runs' },
  ...notRead,
  ...notRunningYet,
} as const satisfies Reasons;

export type Found = FoundFor<typeof reasons>;
export type Judgement = JudgementFor<typeof reasons>;
