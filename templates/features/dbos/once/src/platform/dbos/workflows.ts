import type { DBOS, StatusString } from '@dbos-inc/dbos-sdk';
import type { Failure, SagaOutcome } from '../sagas/outcome.ts';

/** What is asked of DBOS about sagas; both the running engine and its client (for the command line) answer it. */
export type Workflows = Pick<
  typeof DBOS,
  'listWorkflows' | 'listWorkflowSteps' | 'resumeWorkflow' | 'rewindWorkflow' | 'cancelWorkflow' | 'deleteWorkflows'
>;

export type WorkflowStatus = Awaited<ReturnType<Workflows['listWorkflows']>>[number];

type Status = (typeof StatusString)[keyof typeof StatusString];

/** Somebody may be running it, or will. */
export const underWay = ['PENDING', 'ENQUEUED', 'DELAYED'] satisfies Status[];

/** Ended in a way that no saga ends by itself: compensations that did not work, too many takeovers, a person's cancel. */
export const stuck = ['ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED'] satisfies Status[];

/** What a saga is started with, as it is recorded. */
export interface SagaStart {
  input: unknown;
  /** Milliseconds since 1970. */
  deadline: number;
  correlationId?: string;
  /** Who started it; absent where that was this service itself. */
  caller?: string;
  /** W3C trace context: a saga stays in the trace of the request that started it, also after a crash. */
  trace: Record<string, string>;
}

/** The id under which the engine knows a saga: two kinds of saga may use the same id. */
export const workflowId = (saga: string, id: string): string => `${saga}:${id}`;
export const sagaIdOf = (workflow: { workflowName: string; workflowID: string }): string =>
  workflow.workflowID.slice(workflow.workflowName.length + 1);

export const startOf = (workflow: WorkflowStatus): SagaStart => workflow.input?.[0] as SagaStart;

/** Whether somebody may know of it: its caller, and this service itself. One that nobody started is everybody's. */
export const isOf = (caller: string | undefined, workflow: WorkflowStatus): boolean => {
  const owner = startOf(workflow).caller;
  return owner === undefined || caller === undefined || owner === caller;
};

export const outcomeOf = (workflow: WorkflowStatus): SagaOutcome | undefined =>
  workflow.status === 'SUCCESS' ? (workflow.output as SagaOutcome) : undefined;

/** Compensations that are still to be done; empty where a saga is stuck for another reason. */
export const openOf = (workflow: WorkflowStatus): readonly Failure[] =>
  (workflow.error as { open?: Failure[] } | undefined)?.open ?? [];
