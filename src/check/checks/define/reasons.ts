import type { Finding, Status } from '../../contract.ts';

/** What one reason code says, whatever the service: a waiver names it, `msvc explain CODE` tells it. */
export interface Reason {
  /** Of every finding and verdict that gives it. */
  status: Status | Finding['status'] | readonly (Status | Finding['status'])[];
  /** One line, after which a service could be named. */
  title: string;
  /** What to do, where the advice of the check is not meant. */
  fix?: string;
  /** What is still to be applied leaves it open: only what runs, or the platform around it, could tell. */
  whenItRuns?: true;
  /** Only not written down: it harms nobody today, so reports tell it after what does. */
  undeclared?: true;
}

/** Every code that a check gives: UPPER_SNAKE_CASE, stable. */
export type Reasons = Readonly<Record<string, Reason>>;

export const statusesOf = ({ status }: Reason): readonly (Status | Finding['status'])[] =>
  typeof status === 'string' ? [status] : status;

/** Codes of several checks, to be spread into the table of each that gives them. */
export const notRead = {
  NOT_READ: {
    status: 'unknown',
    title: 'Lists that decide it could not be read',
    whenItRuns: true,
    fix: 'Give the reading account list rights on what the finding names (msvc check-cluster --print-rbac prints the least role, --can-i what is missing) and run again.',
  },
} as const satisfies Reasons;

export const classUnclear = {
  CLASS_UNCLEAR: {
    status: 'unknown',
    title: 'Whether it is an application or a data store shows in lists that could not be read',
    whenItRuns: true,
    fix: notRead.NOT_READ.fix,
  },
} as const satisfies Reasons;

export const askedInVain = {
  ASKED_IN_VAIN: {
    status: 'note',
    title: 'A pod of it was asked, and something in between refused or lost the request',
    fix: 'Let the API server’s proxy reach the pod (a mesh that demands mTLS, network policies and a private control plane may be in the way), and give the right to get pods/proxy or pods/log (msvc check-cluster --print-rbac --probe). Nothing is concluded from it.',
  },
} as const satisfies Reasons;

export const notRunningYet = {
  NOT_RUNNING_YET: {
    status: ['unknown', 'note'],
    title: 'It is still to be applied, and this shows only once it runs',
    whenItRuns: true,
    fix: 'Judge the cluster once it runs there: msvc check-cluster -n NAMESPACE.',
  },
} as const satisfies Reasons;

export const notAnApplication = {
  NOT_AN_APPLICATION: { status: 'n-a', title: 'A data store or broker: this item is about the services that use it' },
} as const satisfies Reasons;
