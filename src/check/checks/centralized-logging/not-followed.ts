import type { Evidence } from '../../contract.ts';
import type { Facts } from '../../inventory/facts.ts';
import { workloadName } from '../../inventory/kubernetes/workloads.ts';
import { idleCollector, type LogAgent, logAgents } from '../../inventory/telemetry/log-agents.ts';
import { type Chosen, vendorOf } from '../../inventory/telemetry/vendor-agents.ts';
import type { Found } from './reasons.ts';

/** An agent, and whether it takes the logs of the service that is judged. */
export interface Choice {
  agent: LogAgent;
  chosen: Chosen;
}

const named = ({ component, workload }: LogAgent): string =>
  `${vendorOf(component) ? `${vendorOf(component)?.vendor}’s agent ` : ''}${workloadName(workload)}`;

/** What a vendor's agent on its nodes takes is said in the vendor's own pages; what another leaves out, in its rules. */
export function decidedElsewhere({ agent, chosen }: Choice): Found {
  const vendor = vendorOf(agent.component)?.vendor;
  const evidence = [...agent.evidence.slice(0, 1), ...chosen.evidence];
  const there = `${named(agent)} is ready on the nodes it runs on`;
  return vendor
    ? {
        status: 'unknown',
        reason: 'DECIDED_ELSEWHERE',
        message: `${there}; whether that takes its logs is decided where nobody here can look`,
        evidence,
        fix: `Look in ${vendor}’s own pages whether the logs arrive, and waive this with the reason.`,
      }
    : {
        status: 'unknown',
        reason: 'AGENT_CHOOSES',
        message: `${there}, and leaves out what its rules or paths say; whether that is the logs of this one cannot be followed here`,
        evidence,
        fix: 'Look in its store whether the logs arrive, and waive this with the reason.',
      };
}

/** Its logs end with the pod: proven. What is nearest to being a way out stands in the fix. */
export function notFollowed(facts: Facts, nodes: readonly string[], refusing: Choice | undefined): Found {
  const everywhere: Evidence = {
    object: 'DaemonSets of the cluster',
    path: 'spec.template.spec.volumes[*].hostPath',
    value: `${logAgents(facts).length} follow container logs`,
  };
  if (refusing)
    return {
      status: 'fail',
      reason: 'AGENT_TAKES_NONE',
      message: `${named(refusing.agent)} is ready on the nodes it runs on, and is told to take no logs of it: they end with the pod`,
      evidence: [...refusing.agent.evidence.slice(0, 1), ...refusing.chosen.evidence],
      fix: refusing.chosen.fix ?? 'Have it take the logs of all containers.',
    };
  const others = logAgents(facts).length > 0;
  const idle = others ? undefined : idleCollector(facts);
  const name = idle && workloadName(idle.workload);
  return {
    status: 'fail',
    reason: others ? 'NOT_FOLLOWED' : 'NO_AGENT',
    message: others
      ? `no log agent is ready on the nodes it runs on (${nodes.join(', ')}): its logs end with the pod`
      : `no log agent runs on any node, none stands beside it, and it exports no logs: they end with the pod${
          idle
            ? `; the collector ${name} runs on the nodes and has a pipeline for logs, ${idle.lacks === 'mount' ? 'and the node’s logs are not mounted into it' : 'and no receiver in it reads files'}`
            : ''
        }`,
    evidence: [everywhere, ...(idle?.evidence ?? [])],
    fix: !idle
      ? 'Run one agent a node (Fluent Bit, Vector, Alloy, the OpenTelemetry collector with filelog) with an output to a store.'
      : idle.lacks === 'mount'
        ? `Mount /var/log/pods of the node (a hostPath volume) into ${name}, which has a receiver for it.`
        : `Add a filelog receiver for /var/log/pods/*/*/*.log to the logs pipeline of ${name}, and mount that folder of the node into it (in its chart: presets.logsCollection.enabled).`,
  };
}
