import type { FoundFor, JudgementFor } from '../define/define-check.ts';
import { classUnclear, notAnApplication, notRead, type Reasons } from '../define/reasons.ts';

export const reasons = {
  OWN_WORKLOAD_AND_CONTEXT: { status: 'pass', title: 'Its own workload and data, and a declared context' },
  SHARED_DATABASE: { status: 'fail', title: 'Another service uses the same database' },
  SHARED_STORE: {
    status: 'warn',
    title: 'Another service uses the same store; whether the data is separate is not visible',
  },
  SHARED_IN_CONTEXT: {
    status: 'warn',
    title: 'Another service of the context that it declares uses the same database',
  },
  SEPARATE_PARTS: {
    status: 'warn',
    title: 'Another service uses the same database, with a schema or a login of its own',
  },
  ONE_APPLICATION: { status: 'note', title: 'Another process of the same application uses the same store' },
  SHARED_SERVER: { status: 'warn', title: 'Another service uses a database of the same server, through one login' },
  SHARED_VOLUME: { status: 'warn', title: 'Another service mounts the same volume, and writes to it' },
  CYCLE: { status: 'warn', title: 'It is in a circle of calls that wait for each other' },
  NOT_DECLARED: { status: 'warn', title: 'Nothing says which bounded context it belongs to', undeclared: true },
  STORE_HIDDEN: { status: ['unknown', 'note'], title: 'A Secret may hold the address of a store that others use too' },
  STORE_OFFERED: { status: ['unknown', 'note'], title: 'One list of addresses names a store to several services' },
  SHARED_SECRET: { status: 'note', title: 'One Secret gives settings to several services' },
  NO_SERVICE: { status: 'note', title: 'It has no Service: a worker' },
  NOT_RUNNING: { status: 'note', title: 'None of its pods is ready' },
  SINGLE_SERVICE: { status: 'n-a', title: 'The only service: there is nothing to draw a boundary against' },
  ...notAnApplication,
  ...classUnclear,
  ...notRead,
} as const satisfies Reasons;

export type Found = FoundFor<typeof reasons>;
export type Judgement = JudgementFor<typeof reasons>;
