import type { Evidence } from '../contract.ts';
import { collectorConfig, exportersOf } from '../inventory/collector.ts';
import type { Facts } from '../inventory/facts.ts';
import { logAgents } from '../inventory/log-agents.ts';
import { operatorParts, outputParts } from '../inventory/log-operators.ts';
import { onceARun } from '../inventory/once-a-run.ts';
import type { Party } from '../inventory/parties.ts';
import { text } from '../inventory/read.ts';
import { roleOfImage } from '../inventory/technologies.ts';
import { workloadName } from '../inventory/workloads.ts';
import { defineCheck, type Found, type Judgement, unread } from './define-check.ts';

const agents = 'daemonsets.apps';

/** Nodes that nobody can put an agent on: the platform itself takes the logs, or nobody does. */
const isManaged = (labels: Readonly<Record<string, string>>, name: string): boolean =>
  labels['eks.amazonaws.com/compute-type'] === 'fargate' ||
  labels['type'] === 'virtual-kubelet' ||
  name.startsWith('fargate-') ||
  labels['cloud.google.com/gke-provisioning'] === 'autopilot';

const managedPlatform = onceARun((facts): Evidence | undefined => {
  const node = facts.list('nodes').find(({ metadata }) => isManaged(metadata.labels ?? {}, metadata.name));
  if (node) return { object: `Node ${node.metadata.name}`, path: 'metadata.labels' };
  const fargate = facts
    .list('configmaps')
    .find(({ metadata }) => metadata.namespace === 'aws-observability' && metadata.name === 'aws-logging');
  return fargate && { object: 'ConfigMap aws-observability/aws-logging', path: 'data' };
});

/** Logs that the app itself sends by OTLP. `perhaps` where the address is there and nothing says that logs use it. */
function otlpLogs(party: Party, facts: Facts): { state: 'sends' | 'perhaps'; evidence: Evidence[] } | undefined {
  const settings = facts.told(party).settings;
  const asked = settings.find(
    ({ name, value }) =>
      (name === 'OTEL_LOGS_EXPORTER' && /otlp/i.test(value)) || name === 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT',
  );
  const refused = settings.some(
    ({ name, value }) => name === 'OTEL_LOGS_EXPORTER' && /^none$/i.test(text(value) ?? ''),
  );
  for (const edge of facts.edgesFrom(party)) {
    if (!edge.to || refused) continue;
    const { role } = facts.classOf(edge.to);
    if (role === 'logs' || role === 'agent') return { state: 'perhaps', evidence: [edge.evidence] };
    if (role !== 'collector') continue;
    const config = collectorConfig(edge.to, facts);
    const takes = exportersOf(config, 'logs').some(({ leads }) => leads === 'somewhere');
    const pipeline = config.pipelines.logs.map(({ object, path }) => ({ object, path }));
    if (asked && takes) return { state: 'sends', evidence: [edge.evidence, ...pipeline] };
    if (takes || !config.visible || exportersOf(config, 'logs').some(({ leads }) => leads === 'unread'))
      return { state: 'perhaps', evidence: [edge.evidence, ...pipeline] };
  }
  return undefined;
}

function judge(party: Party, facts: Facts): Judgement {
  const pods = party.workloads.flatMap((workload) => workload.pods);
  const nodes = [...new Set(pods.flatMap(({ spec }) => spec.nodeName ?? []))].sort();
  const following = logAgents(facts);
  const otlp = otlpLogs(party, facts);
  if (otlp?.state === 'sends')
    return {
      level: 'wired',
      reason: 'SENDS_LOGS',
      message: 'sends its logs by OTLP to a collector that passes them on',
      evidence: otlp.evidence,
    };
  const blindPods = facts.ledger.gaps(['pods'], party.namespace);
  if (blindPods.length > 0) return none([unread(blindPods, 'Nobody can say on which nodes it runs')]);
  const covered = new Set(following.flatMap(({ nodes: own }) => [...own]));
  const uncovered = nodes.filter((node) => !covered.has(node));
  if (following.length > 0 && nodes.length > 0 && uncovered.length < nodes.length)
    return followed(facts, nodes, uncovered);

  const shipper = party.workloads
    .flatMap(({ spec }) => [...spec.containers, ...(spec.initContainers ?? [])])
    .find(({ image }) => roleOfImage(image) === 'agent');
  if (shipper)
    return none([
      {
        status: 'warn',
        reason: 'DESTINATION_HIDDEN',
        message: `a shipper (${shipper.name}) stands beside the app; where it sends the logs is not proven`,
        evidence: party.workloads.map((workload) => ({
          object: workloadName(workload),
          path: `${workload.specPath}.containers`,
          value: shipper.image ?? '',
        })),
        fix: 'Follow the logs of all pods by one agent a node, which no service has to bring.',
      },
    ]);
  if (nodes.length === 0 && following.length > 0)
    return none([
      {
        status: 'unknown',
        reason: 'NO_PODS',
        message: 'no pod of it runs, so nobody can say whether its logs would be followed',
        fix: 'Run it and look again.',
      },
    ]);
  if (otlp)
    return none([
      {
        status: 'unknown',
        reason: 'MAY_SEND_LOGS',
        message: 'it sends telemetry to a collector; whether its logs are part of that is not visible',
        evidence: otlp.evidence,
        fix: 'Set OTEL_LOGS_EXPORTER=otlp where it does.',
      },
    ]);
  const gaps = facts.ledger.gaps([agents, 'nodes', ...operatorParts]);
  const telemetry = facts.edgesFrom(party).filter(({ destination }) => destination === 'unread');
  const own = [
    ...facts.ledger.gaps(['configmaps', 'services'], party.namespace),
    ...telemetry.map(({ host }) => `services behind ${host}: not read`),
  ];
  if (gaps.length + own.length > 0) return none([unread([...gaps, ...own], 'Agents may run where nobody looked')]);
  const platform = managedPlatform(facts);
  const operator = operatorParts.find((part) => facts.has(part));
  if (platform || operator)
    return none([
      {
        status: 'unknown',
        reason: 'MANAGED_PLATFORM',
        message: platform
          ? 'it may run on nodes whose platform takes the logs itself'
          : 'an operator for logging is configured, and the agents it makes were not recognised',
        evidence: platform ? [platform] : [{ object: operator ?? '', path: 'spec' }],
        fix: 'Look in the platform’s own log service.',
      },
    ]);
  return none([
    {
      status: 'fail',
      reason: following.length > 0 ? 'NOT_FOLLOWED' : 'NO_AGENT',
      message:
        following.length > 0
          ? `no log agent is ready on the nodes it runs on (${nodes.join(', ')}): its logs end with the pod`
          : 'no log agent runs on any node, none stands beside it, and it exports no logs: they end with the pod',
      evidence: [
        {
          object: 'DaemonSets of the cluster',
          path: 'spec.template.spec.volumes[*].hostPath',
          value: `${following.length} follow container logs`,
        },
      ],
      fix: 'Run one agent a node (Fluent Bit, Vector, Alloy, the OpenTelemetry collector with filelog) with an output to a store.',
    },
  ]);
}

const none = (findings: Found[]): Judgement => ({ level: 'none', reason: '', message: '', findings });

function followed(facts: Facts, nodes: string[], uncovered: string[]): Judgement {
  const own = logAgents(facts).filter((agent) => nodes.some((node) => agent.nodes.has(node)));
  const best =
    own.find(({ destination }) => destination === 'somewhere') ??
    own.find(({ destination }) => destination === 'unread') ??
    own.find(({ destination }) => destination === 'absent') ??
    own[0];
  const evidence = best?.evidence ?? [];
  const agent = best ? workloadName(best.workload) : '';
  const findings: Found[] = [];
  if (uncovered.length > 0)
    findings.push({
      status: 'warn',
      reason: 'SOME_NODES',
      message: `${agent} is not ready on ${uncovered.slice(0, 5).join(', ')}${uncovered.length > 5 ? ` and ${uncovered.length - 5} more` : ''}, where pods of it run`,
      evidence: uncovered.slice(0, 5).map((node) => ({ object: `Node ${node}`, path: 'spec.taints' })),
      fix: 'Give the agent the tolerations it lacks; DaemonSet status does not count tainted nodes as missing.',
    });
  if (best && best.destination !== 'somewhere') {
    const blind = [
      ...facts.ledger.gaps(['configmaps', 'services'], best.party.namespace),
      ...(best.destination === 'unread' ? ['services that it sends to: not read'] : []),
    ];
    findings.push(
      blind.length > 0
        ? unread(blind, `Where ${agent} sends the logs is not visible`)
        : {
            status: 'warn',
            reason:
              best.destination === 'absent'
                ? 'DESTINATION_ABSENT'
                : best.destination === 'nowhere'
                  ? 'DESTINATION_NOWHERE'
                  : 'DESTINATION_HIDDEN',
            message:
              best.destination === 'absent'
                ? `${agent} follows its logs and sends them to a Service that does not exist`
                : best.destination === 'nowhere'
                  ? `${agent} follows its logs and only prints or drops them`
                  : `${agent} follows its logs; where it sends them is not visible`,
            evidence,
            fix: 'Give the agent an output to a log store that exists, in a ConfigMap that can be read.',
          },
    );
  }
  return {
    level: 'observed',
    reason: 'LOGS_FOLLOWED',
    message: `${agent} is ready on all ${nodes.length === 1 ? 'the node' : `${nodes.length} nodes`} it runs on, and sends the logs on`,
    evidence,
    findings,
  };
}

export default defineCheck({
  id: 'centralized-logging',
  title: 'Centralized logging configured',
  item: 'Centralized logging configured',
  reads: {
    needs: ['pods', agents],
    uses: [
      'nodes',
      'services',
      'configmaps',
      'opentelemetrycollectors.opentelemetry.io',
      ...operatorParts,
      ...outputParts,
    ],
  },
  verdicts: ['pass', 'warn', 'fail', 'unknown'],
  docs: {
    why: 'Logs that stay in the pod are gone when the pod is, which is exactly when they are wanted. And a request that crossed eight services left its lines on eight nodes.',
    judges:
      'Node by node. Pass: an agent that follows container logs (by the host paths it mounts) is ready on every node the service runs on, and its output leads somewhere; or the app sends its logs by OTLP to a collector with a logs pipeline. Warn: some nodes only, or an output that is absent, prints, or is not visible. Fail: proven that there is no agent, no shipper and no exporter.',
    wrongWhen:
      'Platforms that take logs without an agent (Fargate, Autopilot, virtual nodes) cannot be told from outside; that is unknown. An agent whose configuration is inside its image may well have a destination.',
    fix: 'Run one log agent a node with tolerations for all of them and an output to a store, and log JSON to stdout.',
  },
  judge,
});
