import { type Static, Type } from 'typebox';
import type { Attempted } from './attempt.ts';
import { undoName } from './dbos-attempts.ts';
import type { Failure } from './outcome.ts';
import type { Saga } from './saga.ts';
import { openOf, outcomeOf, sagaIdOf, stuck, type WorkflowStatus, type Workflows, workflowId } from './workflows.ts';

const FailureSchema = Type.Object({
  step: Type.String(),
  message: Type.String(),
  attempts: Type.Integer(),
  status: Type.Optional(Type.Integer({ description: 'HTTP status that the step was answered with' })),
});

/** Chosen by the caller, such as the order's number. Part of idempotency keys, so it must fit into a header. */
export const SagaIdSchema = Type.String({ pattern: '^[A-Za-z0-9._~-]{1,100}$' });

/** A saga as its caller sees it. */
export const SagaStatusSchema = Type.Object({
  id: Type.String(),
  saga: Type.String(),
  state: Type.Enum(['running', 'compensating', 'completed', 'compensated', 'stuck'], {
    description: 'stuck: somebody must look, see `reason`',
  }),
  steps: Type.Array(
    Type.Object({
      name: Type.String(),
      state: Type.Enum(['waiting', 'done', 'failed', 'undone', 'not undone']),
    }),
  ),
  result: Type.Optional(Type.Unknown({ description: 'What the saga returned, where it is completed' })),
  failure: Type.Optional(FailureSchema),
  open: Type.Optional(
    Type.Array(FailureSchema, { description: 'Compensations that did not work and are still to be done' }),
  ),
  reason: Type.Optional(Type.String()),
  startedAt: Type.String({ format: 'date-time' }),
  updatedAt: Type.String({ format: 'date-time' }),
});

export type SagaStatus = Static<typeof SagaStatusSchema>;
type StepState = SagaStatus['steps'][number]['state'];

/** @returns undefined where there is no such saga. */
export async function sagaStatus(workflows: Workflows, saga: Saga, id: string): Promise<SagaStatus | undefined> {
  const [workflow] = await workflows.listWorkflows({
    workflowIDs: [workflowId(saga.name, id)],
    workflowName: saga.name,
  });
  if (!workflow) return undefined;
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

/** Of a saga that has only just been started: nobody needs to be asked. */
export const newSagaStatus = (saga: Pick<Saga, 'name' | 'steps'>, id: string, at: Date): SagaStatus => ({
  id,
  saga: saga.name,
  state: 'running',
  steps: saga.steps.map(({ name }) => ({ name, state: 'waiting' })),
  startedAt: at.toISOString(),
  updatedAt: at.toISOString(),
});

export const isStuck = ({ status }: WorkflowStatus): boolean => stuck.some((name) => name === status);

export function stuckReason(workflow: WorkflowStatus): string {
  if (workflow.status === 'CANCELLED') return 'stopped after too many takeovers, or cancelled by a person';
  return workflow.error instanceof Error ? workflow.error.message : `the engine says ${workflow.status}`;
}

/** One line for logs, `/health` and the command line. */
export const describeSaga = (
  workflow: WorkflowStatus,
): { saga: string; id: string; since: string; reason?: string } => ({
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
