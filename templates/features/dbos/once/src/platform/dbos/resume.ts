import type pg from 'pg';
import type { Attempted } from '../sagas/attempt.ts';
import { underWay, type WorkflowStatus, type Workflows } from './workflows.ts';

/**
 * Makes a stuck saga go on, once what held it up is mended: from the first compensation that did not work, else from
 * where it stopped. Compensations after that one run a second time, with the same keys. Its takeovers count from zero.
 *
 * @param version runs it with this version of the code instead of the one that it was started with
 */
export async function resumeSaga(
  pool: pg.Pool,
  workflows: Workflows,
  { workflowID, status }: WorkflowStatus,
  version?: string,
): Promise<void> {
  const steps = (await workflows.listWorkflowSteps(workflowID)) ?? [];
  const failedUndo = steps.find(
    ({ name, output }) => name.startsWith('undo ') && (output as Attempted | null)?.ok === false,
  );
  const broken = steps.find(({ error }) => error !== null);
  const startStep = (failedUndo ?? broken)?.functionID ?? steps.length;
  await pool.query('delete from saga_takeovers where saga_id = $1', [workflowID]);
  // Only a saga at rest can be rewound, and only a rewind changes its version.
  if (underWay.some((name) => name === status)) await workflows.cancelWorkflow(workflowID);
  await workflows.rewindWorkflow(workflowID, {
    startStep,
    ...(version !== undefined && { applicationVersion: version }),
  });
}
