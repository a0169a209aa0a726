import type { Evidence, Gap } from '../../contract.ts';
import type { Facts } from '../../inventory/facts.ts';
import { workloadName } from '../../inventory/kubernetes/workloads.ts';
import { behind } from '../../inventory/ledger.ts';
import type { LogAgent } from '../../inventory/telemetry/log-agents.ts';
import type { LogDestination } from '../../inventory/telemetry/log-outputs.ts';
import { unread } from '../define/define-check.ts';
import type { Found, Judgement } from './reasons.ts';

const order: readonly LogDestination[] = ['somewhere', 'unread', 'absent', 'hidden', 'nowhere'];

export const reaches = (agent: LogAgent, node: string): boolean => agent.everywhere || agent.nodes.has(node);

/** What is wrong with an output that does not lead somewhere; `subject` is who sends: "DaemonSet logs/fluent-bit follows its logs and". */
export function outputFault(
  subject: string,
  destination: Exclude<LogDestination, 'somewhere'>,
  evidence: Evidence[],
  blind: readonly Gap[],
): Found {
  if (blind.length > 0) return unread(blind, `${subject} sends them on; where is not visible`);
  const [reason, what] =
    destination === 'absent'
      ? (['DESTINATION_ABSENT', 'sends them to a Service that does not exist'] as const)
      : destination === 'nowhere'
        ? (['DESTINATION_NOWHERE', 'only prints or drops them'] as const)
        : (['DESTINATION_HIDDEN', 'where it sends them is not visible'] as const);
  return {
    status: 'warn',
    reason,
    message: `${subject}${reason === 'DESTINATION_HIDDEN' ? ';' : ' and'} ${what}`,
    evidence,
    fix: 'Give it an output to a log store that exists, in a ConfigMap that can be read.',
  };
}

/** Agents take its logs on some node at least: on which not, and where they go. `planned`: the nodes are those it may run on. */
export function followed(
  facts: Facts,
  agents: readonly LogAgent[],
  nodes: readonly string[],
  uncovered: readonly string[],
  planned: boolean,
): Judgement {
  const own = agents.filter((agent) => nodes.some((node) => reaches(agent, node)));
  const [best] = [...own].sort((a, b) => order.indexOf(a.destination) - order.indexOf(b.destination));
  const evidence = best?.evidence ?? [];
  const agent = best ? workloadName(best.workload) : '';
  const findings: Found[] = [];
  if (uncovered.length > 0)
    findings.push({
      status: 'warn',
      reason: 'SOME_NODES',
      message: `${agent} is not ready on ${uncovered.slice(0, 5).join(', ')}${uncovered.length > 5 ? ` and ${uncovered.length - 5} more` : ''}, where pods of it ${planned ? 'may ' : ''}run`,
      evidence: uncovered.slice(0, 5).map((node) => ({ object: `Node ${node}`, path: 'spec.taints' })),
      fix: 'Give the agent the tolerations it lacks; DaemonSet status does not count tainted nodes as missing.',
    });
  if (best && best.destination !== 'somewhere') {
    const blind = [
      ...facts.ledger.gaps(['configmaps', 'services'], best.component.namespace),
      ...(best.destination === 'unread' ? [behind('its output')] : []),
    ];
    findings.push(outputFault(`${agent} follows its logs`, best.destination, evidence, blind));
  }
  const where = best?.everywhere
    ? 'asks the API for its logs'
    : `is ready on ${nodes.length === 1 ? 'the node' : `all ${nodes.length} nodes`} it ${planned ? 'may run' : 'runs'} on`;
  return {
    level: 'observed',
    reason: 'LOGS_FOLLOWED',
    message: `${agent} ${where}, and sends ${best?.everywhere ? 'them' : 'the logs'} on`,
    evidence,
    findings,
  };
}
