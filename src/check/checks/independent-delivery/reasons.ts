import type { FoundFor, JudgementFor } from '../define/define-check.ts';
import { notRead, type Reasons } from '../define/reasons.ts';

export const reasons = {
  DELIVERED_ALONE: { status: 'pass', title: 'What brings it brings no other service' },
  VERSION_OF_ITS_OWN: { status: 'pass', title: 'It is brought with others, each at a version of its own' },
  ONE_RELEASE: { status: 'warn', title: 'One Helm release holds several services: they go forward and back together' },
  ONE_VERSION: { status: 'warn', title: 'It is brought with others that carry the same version' },
  NO_VERSION_OF_ITS_OWN: { status: 'warn', title: 'It is brought with others, and its image names no version' },
  DELIVERED_ELSEWHERE: {
    status: 'unknown',
    title: 'What brings it is not in this cluster, so what else it brings is not visible',
  },
  NOT_AN_APPLICATION: { status: 'n-a', title: 'A data store or broker: nobody releases features of it' },
  ...notRead,
} as const satisfies Reasons;

export type Found = FoundFor<typeof reasons>;
export type Judgement = JudgementFor<typeof reasons>;
