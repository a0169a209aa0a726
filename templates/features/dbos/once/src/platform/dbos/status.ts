import type { Attempted } from '../sagas/attempt.ts';
import type { WaitingSaga } from '../sagas/engine.ts';
import type { Failure } from '../sagas/outcome.ts';
import type { Saga } from '../sagas/saga.ts';
import type { SagaStatus } from '../sagas/status.ts';
import { undoName } from './attempts.ts';
import {
  isOf,
  openOf,
  outcomeOf,
  sagaIdOf,
  stuck,
  type WorkflowStatus,
  type Workflows,
  workflowId,
} from './workflows.ts';

type StepState = SagaStatus['steps'][number]['state'];

/** @returns undefined where there is no such saga, or where it is another caller's. */
export async function sagaStatus(
  workflows: Workflows,
  saga: Saga,
  id: string,
  caller?: string,
): Promise<SagaStatus | undefined> {
  const [workflow] = await workflows.listWorkflows({
    workflowIDs: [workflowId(saga.name, id)],
    workflowName: saga.name,
  });
  if (!workflow || !isOf(caller, workflow)) return undefined;
  const recorded = await recordedAttempts(workflows, workflow.workflowID);
  const outcome = outcomeOf(workflow);
  const failure = firstFailure(saga, recorded);
  return {
    id,
    saga: saga.name,
    state: outcome?.outcome ?? (isStuck(workflow) ? 'stuck' : failure ? 'compensating' : 'running'),
    steps: saga.steps.map(({ name }) => ({ name, state: stepState(recorded.get(name), recorded.get(undoName(name))) })),
    ...(outcome?.outcome === 'completed' && { result: outcome.result }),
    ...(failure && { failure }),
    ...(isStuck(workflow) && { reason: stuckReason(workflow), open: [...openOf(workflow)] }),
    startedAt: new Date(workflow.createdAt).toISOString(),
    updatedAt: new Date(workflow.updatedAt ?? workflow.createdAt).toISOString(),
  };
}

export const isStuck = ({ status }: WorkflowStatus): boolean => stuck.some((name) => name === status);

export function stuckReason(workflow: WorkflowStatus): string {
  if (workflow.status === 'CANCELLED') return 'stopped after too many takeovers, or cancelled by a person';
  return workflow.error instanceof Error ? workflow.error.message : `the engine says ${workflow.status}`;
}

/** One line for logs, `/health` and the command line. */
export const describeSaga = (workflow: WorkflowStatus): WaitingSaga => ({
  saga: workflow.workflowName,
  id: sagaIdOf(workflow),
  since: new Date(workflow.updatedAt ?? workflow.createdAt).toISOString(),
  ...(isStuck(workflow) && { reason: stuckReason(workflow) }),
});

async function recordedAttempts(workflows: Workflows, id: string): Promise<Map<string, Attempted>> {
  const steps = (await workflows.listWorkflowSteps(id)) ?? [];
  return new Map(steps.map(({ name, output }) => [name, output as Attempted]));
}

function firstFailure(saga: Saga, recorded: Map<string, Attempted>): Failure | undefined {
  for (const { name } of saga.steps) {
    const attempted = recorded.get(name);
    if (attempted?.ok === false) return attempted.failure;
  }
  return undefined;
}

function stepState(action: Attempted | undefined, undo: Attempted | undefined): StepState {
  if (undo) return undo.ok ? 'undone' : 'not undone';
  if (!action) return 'waiting';
  return action.ok ? 'done' : 'failed';
}
