import type { CheckInputs } from '../../../check/check-cluster.ts';
import { harmlessLine } from '../../../harmless.ts';
import type { Ports } from '../../../ports.ts';
import type { CommandResult } from '../../command.ts';

/** `--dry-run`: the requests that would go to pods, in the order of services; none is sent. */
export async function printRequests(inputs: CheckInputs, ports: Ports): Promise<CommandResult> {
  const [{ plannedProbes }, { probeLimits, shownRequest, withinLimit }] = await Promise.all([
    import('../../../check/check-cluster.ts'),
    import('../../../check/sources/probes/planned.ts'),
  ]);
  const { pods, left } = withinLimit(await plannedProbes(inputs, ports));
  ports.progress.done();
  const lines = pods.flatMap((pod) =>
    pod.requests.map((request) => `${shownRequest(pod, request)}  (${request.purpose} of ${pod.service})`),
  );
  const looksTwice = inputs.probes?.probe && inputs.probes.sampleLogs;
  const { context } = inputs.cluster;
  const where = context === undefined ? '' : `${context}: `;
  const told = [
    lines.length === 0
      ? `${where}Nothing would be asked: no pod of an application is ready, or none declares where.`
      : `${where}${lines.length} requests to ${pods.length} pods would be sent; none was. At most ${probeLimits.concurrency} at once, never two to one pod, ${probeLimits.patience / 1000} s and ${probeLimits.body / 1024} KiB each.`,
    ...(looksTwice && lines.length > 0
      ? ['A log is read once more where the ids of our own request are not in it yet.']
      : []),
    ...(left.length > 0 ? [`${left.length} more services would not be asked: that is more than a run sends.`] : []),
  ];
  return { output: `${[...lines, ...told].map(harmlessLine).join('\n')}\n`, exitCode: 0 };
}
