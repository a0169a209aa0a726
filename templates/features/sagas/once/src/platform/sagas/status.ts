import { type Static, Type } from 'typebox';
import type { Saga } from './saga.ts';

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

/** Of a saga that has only just been started: nobody needs to be asked. */
export const newSagaStatus = (saga: Pick<Saga, 'name' | 'steps'>, id: string, at: Date): SagaStatus => ({
  id,
  saga: saga.name,
  state: 'running',
  steps: saga.steps.map(({ name }) => ({ name, state: 'waiting' })),
  startedAt: at.toISOString(),
  updatedAt: at.toISOString(),
});
