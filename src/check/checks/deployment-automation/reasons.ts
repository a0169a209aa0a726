import type { DanglingFor, FoundFor, JudgementFor } from '../define/define-check.ts';
import { notRead, type Reasons } from '../define/reasons.ts';

// What stands beside the app does not decide about the app: its image is a note.
export const reasons = {
  RECONCILED: { status: 'pass', title: 'A reconciler that is ready and automated puts it there' },
  HELM_RELEASE: { status: 'pass', title: 'Released by Helm' },
  NO_VERSION: { status: ['fail', 'note'], title: 'Its image names no version' },
  NAKED_POD: { status: 'fail', title: 'A pod that nothing owns' },
  FLOATING_TAG: { status: ['warn', 'note'], title: 'Its image has a tag that moves' },
  OWNER_ABSENT: { status: 'warn', title: 'It is marked as owned by something that is not in this cluster' },
  OWNER_AT_WORK: { status: 'warn', title: 'What owns it is reconciling at this moment' },
  OWNER_ELSEWHERE: { status: 'unknown', title: 'What owns it lives in another cluster, or delivers to one' },
  OWNER_IMPAIRED: { status: 'warn', title: 'What owns it is suspended, not ready, out of sync or not automated' },
  EDITED_BY_HAND: { status: 'warn', title: 'A person was the last to write it' },
  NOBODY_MANAGES_IT: { status: 'warn', title: 'Nobody demonstrably manages it', undeclared: true },
  MANAGED_BY_LABEL_ONLY: {
    status: 'warn',
    title: 'A label says who manages it, and nothing proves it',
    undeclared: true,
  },
  OWNED_BY_A_RESOURCE: { status: 'warn', title: 'Another resource makes it; who delivers that is not visible' },
  PLACEHOLDER: {
    status: ['unknown', 'note'],
    title: 'Its image is filled in later',
    fix: 'Judge what the manifests render to.',
  },
  NO_WORKLOAD: { status: 'unknown', title: 'Nothing runs behind it, so nothing was delivered' },
  SCALES_NOTHING: { status: 'note', title: 'An autoscaler without a target or without room' },
  TWO_SCALERS: { status: 'note', title: 'Two autoscalers of one workload, which undo each other’s work' },
  PROTECTS_NOTHING: { status: 'note', title: 'A disruption budget that selects no pod' },
  ...notRead,
} as const satisfies Reasons;

export type Found = FoundFor<typeof reasons>;
export type Judgement = JudgementFor<typeof reasons>;
export type Dangling = DanglingFor<typeof reasons>;
