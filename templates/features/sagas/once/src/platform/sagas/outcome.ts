import { ServiceError } from '../http-client/service-error.ts';

/** Why a step failed, as it is recorded: small, and without anything that only lives in this process. */
export interface Failure {
  step: string;
  message: string;
  /** Attempts that were made since the last restart. */
  attempts: number;
  /** HTTP status of the answer, where there was one. */
  status?: number;
}

/** How a saga ends by itself. One that is stuck has not ended: somebody must look. */
export type SagaOutcome<Result = unknown> =
  | { outcome: 'completed'; result: Result }
  | { outcome: 'compensated'; failure: Failure };

/** Recorded for a saga whose compensations did not all work. All were tried; those in `open` are still to be done. */
export class SagaStuck extends Error {
  override name = 'SagaStuck';
  readonly failure: Failure;
  readonly open: readonly Failure[];

  constructor(failure: Failure, open: readonly Failure[]) {
    super(`Could not compensate ${open.map(({ step, message }) => `${step} (${message})`).join(', ')}`);
    this.failure = failure;
    this.open = open;
  }
}

export function describeFailure(step: string, error: unknown, attempts: number): Failure {
  const status = (error as { status?: unknown } | null)?.status;
  return {
    step,
    message: messageOf(error),
    attempts,
    ...(typeof status === 'number' && { status }),
  };
}

/** With its cause: "fetch failed" alone tells nobody anything. A ServiceError says all of it. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof ServiceError) return error.message;
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
