import type { Attempts } from './attempt.ts';
import { type Failure, type SagaOutcome, SagaStuck } from './outcome.ts';
import type { Saga, Step } from './saga.ts';

/**
 * Runs the steps in order; when one fails, runs the compensations of all that were begun, the last first. After a crash
 * it runs again from the top, and `attempts` gives back what was already done.
 *
 * What an action throws never gets here: it is recorded as a value. So whatever is thrown comes from the engine (the
 * database is away, another process has taken over), and that is no reason to compensate anything.
 */
export async function runSaga(saga: Saga, attempts: Attempts): Promise<SagaOutcome> {
  const results: Record<string, unknown> = {};
  const begun: Step[] = [];
  for (const step of saga.steps) {
    // Before the action, since one that fails or times out may have had its effect.
    begun.unshift(step);
    const done = await attempts.act(step, results);
    if (!done.ok) {
      await compensate(begun, done.failure, results, attempts);
      return { outcome: 'compensated', failure: done.failure };
    }
    results[step.name] = done.value;
  }
  return { outcome: 'completed', result: saga.result(results) };
}

async function compensate(
  begun: readonly Step[],
  failure: Failure,
  results: Readonly<Record<string, unknown>>,
  attempts: Attempts,
): Promise<void> {
  const open: Failure[] = [];
  for (const step of begun) {
    if (!step.compensation) continue;
    const undone = await attempts.undo(step, results);
    // One that does not work must not keep the others from being tried.
    if (!undone.ok) open.push(undone.failure);
  }
  if (open.length > 0) throw new SagaStuck(failure, open);
}
