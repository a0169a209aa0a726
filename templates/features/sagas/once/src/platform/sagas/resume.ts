import type { Attempted } from './attempt.ts';
import type { WorkflowStatus, Workflows } from './workflows.ts';

/**
 * Makes a stuck saga go on, once what held it up is mended: from the first compensation that did not work, else from
 * where it stopped. Compensations after that one run a second time, with the same keys.
 *
 * @param version runs it with this version of the code instead of the one that it was started with
 */
export async function resumeSaga(workflows: Workflows, workflow: WorkflowStatus, version?: string): Promise<void> {
  const { workflowID, status } = workflow;
  const steps = (await workflows.listWorkflowSteps(workflowID)) ?? [];
  const failedUndo = steps.find(
    ({ name, output }) => name.startsWith('undo ') && (output as Attempted | null)?.ok === false,
  );
  const broken = steps.find(({ error }) => error !== null);
  const startStep = (failedUndo ?? broken)?.functionID ?? steps.length;
  if (status === 'PENDING' || status === 'ENQUEUED') {
    // Only a saga at rest can be rewound, and only a rewind can change its version.
    if (version === undefined) return void (await workflows.resumeWorkflow(workflowID));
    await workflows.cancelWorkflow(workflowID);
  }
  await workflows.rewindWorkflow(workflowID, {
    startStep,
    ...(version !== undefined && { applicationVersion: version }),
  });
}
