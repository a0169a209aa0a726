import type { FoundFor, JudgementFor } from '../define/define-check.ts';
import { notRead, type Reasons } from '../define/reasons.ts';

export const reasons = {
  NAME_LEADS_TO_READY_PODS: { status: 'pass', title: 'Its name leads to ready pods, and the names it uses exist' },
  SELECTS_NOTHING: { status: 'fail', title: 'The selector of its Service finds no pod' },
  LITERAL_ADDRESS: { status: 'fail', title: 'It is told the number of a pod or Service instead of a name' },
  ADDRESS_OF_NOTHING: { status: ['warn', 'note'], title: 'It is told a name that no Service has' },
  PORT_OF_NOTHING: { status: ['warn', 'note'], title: 'It is told a port that the Service does not offer' },
  TARGET_PORT_OF_NOTHING: { status: 'warn', title: 'Its Service leads to a container port that no container names' },
  SELECTOR_MISSES: {
    status: 'warn',
    title: 'The selector of its Service misses the pods of its folder by a letter',
  },
  PLACEHOLDER: {
    status: 'unknown',
    title: 'A port that is filled in later',
    fix: 'Judge what the manifests render to.',
  },
  ADDRESSES_MAY_BE_READ: {
    status: 'unknown',
    title: 'Addresses that it may use stand in a ConfigMap that it is not given',
  },
  NONE_READY: { status: 'warn', title: 'None of the pods behind its name is ready' },
  ANOTHER_REGISTRY: { status: 'warn', title: 'It finds others through a registry beside Kubernetes’ names' },
  ROLE_VACANT: { status: ['warn', 'n-a'], title: 'It stands for a role that no pod has now' },
  ONLY_RUNS: { status: 'warn', title: 'Its selector finds pods of Jobs alone, and none runs now' },
  NO_SERVICE: { status: 'n-a', title: 'No Service leads to it: nobody finds it by name' },
  SCALED_TO_ZERO: { status: 'n-a', title: 'Scaled to zero: nobody is meant to answer' },
  ...notRead,
} as const satisfies Reasons;

export type Found = FoundFor<typeof reasons>;
export type Judgement = JudgementFor<typeof reasons>;
