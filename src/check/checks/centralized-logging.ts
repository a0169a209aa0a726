import type { Evidence } from '../contract.ts';
import type { Facts } from '../inventory/facts.ts';
import type { Component } from '../inventory/graph/components.ts';
import type { Edge } from '../inventory/graph/edges.ts';
import { mainContainer } from '../inventory/graph/main-container.ts';
import { text } from '../inventory/kubernetes/fields.ts';
import { nameOf } from '../inventory/kubernetes/types.ts';
import { readyPods, workloadName } from '../inventory/kubernetes/workloads.ts';
import { perRun } from '../inventory/per-run.ts';
import { roleOfImage } from '../inventory/technologies/images.ts';
import { carriesNoLogs, meansNoLogs } from '../inventory/technologies/telemetry-names.ts';
import { collectorConfig, exportersOf, takesAt } from '../inventory/telemetry/collector.ts';
import { logAgents } from '../inventory/telemetry/log-agents.ts';
import { operatorParts, outputParts } from '../inventory/telemetry/log-operators.ts';
import { hasReadyEndpoints } from '../inventory/traffic/endpoint-slices.ts';
import { type Found, type Judgement, reasons } from './centralized-logging/reasons.ts';
import { decidedBy, defineCheck, unread } from './define/define-check.ts';

const agents = 'daemonsets.apps';
const slices = 'endpointslices.discovery.k8s.io';

/** Nodes that nobody can put an agent on: the platform itself takes the logs, or nobody does. */
const isManaged = (labels: Readonly<Record<string, string>>, name: string): boolean =>
  labels['eks.amazonaws.com/compute-type'] === 'fargate' ||
  labels['type'] === 'virtual-kubelet' ||
  name.startsWith('fargate-') ||
  labels['cloud.google.com/gke-provisioning'] === 'autopilot';

const managedPlatform = perRun((facts): Evidence | undefined => {
  const node = facts.list('nodes').find(({ metadata }) => isManaged(metadata.labels ?? {}, metadata.name));
  if (node) return { object: `Node ${node.metadata.name}`, path: 'metadata.labels' };
  const fargate = facts
    .list('configmaps')
    .find(({ metadata }) => metadata.namespace === 'aws-observability' && metadata.name === 'aws-logging');
  return fargate && { object: 'ConfigMap aws-observability/aws-logging', path: 'data' };
});

/**
 * Logs that the app itself sends. `server`: it is told the address of a log server. `perhaps`: the address takes logs
 * and nothing says that its logs use it.
 */
interface OwnLogs {
  state: 'sends' | 'server' | 'perhaps';
  edge: Edge;
  evidence: Evidence[];
}

/** Ports on which a log server is looked at: Kibana, Graylog. */
const viewPorts = new Set([5601, 9000]);
const isViewer = (component: Component): boolean => /kibana/.test(mainContainer(component)?.image ?? '');

function ownLogs(component: Component, facts: Facts): OwnLogs | undefined {
  const settings = facts.configuration(component).settings;
  const asked = settings.find(
    ({ name, value }) =>
      (name === 'OTEL_LOGS_EXPORTER' && /otlp/i.test(value)) || name === 'OTEL_EXPORTER_OTLP_LOGS_ENDPOINT',
  );
  const refused = settings.some(
    ({ name, value }) => name === 'OTEL_LOGS_EXPORTER' && /^none$/i.test(text(value) ?? ''),
  );
  const found = facts.edgesFrom(component).flatMap((edge): OwnLogs[] => {
    const { role } = edge.to ? facts.classOf(edge.to) : {};
    if (!edge.to || !role || carriesNoLogs(edge.port) || meansNoLogs(edge.setting)) return [];
    if (role === 'logs')
      return isViewer(edge.to) || viewPorts.has(edge.port ?? 0)
        ? []
        : [{ state: 'server', edge, evidence: [edge.evidence] }];
    if (refused) return [];
    if (role === 'agent') return [{ state: 'perhaps', edge, evidence: [edge.evidence] }];
    if (role !== 'collector' || takesAt(edge, 'logs', facts) === false) return [];
    const config = collectorConfig(edge.to, facts);
    const exporters = exportersOf(config, 'logs');
    const takes = exporters.some(({ leads }) => leads === 'somewhere');
    const evidence = [edge.evidence, ...config.pipelines.logs.map(({ object, path }) => ({ object, path }))];
    if (asked && takes) return [{ state: 'sends', edge, evidence }];
    return takes || !config.visible || exporters.some(({ leads }) => leads === 'unread')
      ? [{ state: 'perhaps', edge, evidence }]
      : [];
  });
  return (['sends', 'server', 'perhaps'] as const).flatMap((state) => found.filter((own) => own.state === state))[0];
}

/** What follows where it is told the address of a log server: no more than that is known. */
function sendsToServer({ edge, evidence }: OwnLogs, facts: Facts): Found {
  const { service, to } = edge;
  const target = `${edge.host}${edge.port ? `:${edge.port}` : ''}`;
  const serving = edge.destination === 'service' && service ? hasReadyEndpoints(facts, service) : false;
  if (serving === undefined)
    return unread(facts.ledger.gaps([slices], service?.metadata.namespace), `Nobody can say whether ${target} answers`);
  return serving
    ? {
        status: 'warn',
        reason: 'DESTINATION_UNPROVEN',
        message: `it is told the address of the log server ${to?.name} (${target}), which is up; whether its logs arrive there is not proven, and no agent follows what it prints`,
        evidence,
        fix: `Follow what it prints by one agent a node, which may send to ${to?.name} as well; or waive this with the reason.`,
      }
    : {
        status: 'warn',
        reason: 'DESTINATION_ABSENT',
        message: `it is told the address of the log server ${to?.name} (${target}), and nothing answers there; no agent follows what it prints either`,
        evidence,
        fix: `Find out why ${target} has no ready endpoint, or follow what it prints by one agent a node.`,
      };
}

/** A log server that runs, while no setting shows who sends to it: who does has the address in its code or image. */
const unfedServer = perRun((facts): Component | undefined =>
  facts.components.find((component) => {
    if (facts.classOf(component).role !== 'logs' || isViewer(component)) return false;
    if (!component.workloads.some((workload) => readyPods(workload).length > 0)) return false;
    return facts.edgesTo(component).every(({ from }) => readers.has(facts.classOf(from).role ?? ''));
  }),
);
/** What has the address of a log server to show its logs, or is one itself. */
const readers = new Set(['metrics', 'logs', 'tool', 'gateway', 'mesh']);

function judge(component: Component, facts: Facts): Judgement {
  const pods = component.workloads.flatMap((workload) => workload.pods);
  const nodes = [...new Set(pods.flatMap(({ spec }) => spec.nodeName ?? []))].sort();
  const following = logAgents(facts);
  const own = ownLogs(component, facts);
  if (own?.state === 'sends')
    return {
      level: 'wired',
      reason: 'SENDS_LOGS',
      message: 'sends its logs by OTLP to a collector that passes them on',
      evidence: own.evidence,
    };
  const blindPods = facts.ledger.gaps(['pods'], component.namespace);
  if (blindPods.length > 0) return decidedBy([unread(blindPods, 'Nobody can say on which nodes it runs')]);
  const covered = new Set(following.flatMap(({ nodes: own }) => [...own]));
  const uncovered = nodes.filter((node) => !covered.has(node));
  if (following.length > 0 && nodes.length > 0 && uncovered.length < nodes.length)
    return followed(facts, nodes, uncovered);

  const shipper = component.workloads
    .flatMap(({ spec }) => [...spec.containers, ...(spec.initContainers ?? [])])
    .find(({ image }) => roleOfImage(image) === 'agent');
  if (shipper)
    return decidedBy([
      {
        status: 'warn',
        reason: 'DESTINATION_HIDDEN',
        message: `a shipper (${shipper.name}) stands beside the app; where it sends the logs is not proven`,
        evidence: component.workloads.map((workload) => ({
          object: workloadName(workload),
          path: `${workload.specPath}.containers`,
          value: shipper.image ?? '',
        })),
        fix: 'Follow the logs of all pods by one agent a node, which no service has to bring.',
      },
    ]);
  if (nodes.length === 0 && following.length > 0)
    return decidedBy([
      {
        status: 'unknown',
        reason: 'NO_PODS',
        message: 'no pod of it runs, so nobody can say whether its logs would be followed',
        fix: 'Run it and look again.',
      },
    ]);
  if (own?.state === 'perhaps')
    return decidedBy([
      facts.classOf(own.edge.to as Component).role === 'agent'
        ? {
            status: 'unknown',
            reason: 'MAY_SEND_LOGS',
            message: `it is told the address of ${own.edge.host}, which takes logs; whether it sends its own there is not visible`,
            evidence: own.evidence,
            fix: 'Follow what it prints by one agent a node.',
          }
        : {
            status: 'unknown',
            reason: 'MAY_SEND_LOGS',
            message: 'it sends telemetry to a collector; whether its logs are part of that is not visible',
            evidence: own.evidence,
            fix: 'Set OTEL_LOGS_EXPORTER=otlp where it does.',
          },
    ]);
  const gaps = facts.ledger.gaps([agents, 'nodes', ...operatorParts]);
  const telemetry = facts.edgesFrom(component).filter(({ destination }) => destination === 'unread');
  const blind = [
    ...facts.ledger.gaps(['configmaps', 'services'], component.namespace),
    ...telemetry.map(({ host }) => `services behind ${host}: not read`),
  ];
  if (gaps.length + blind.length > 0)
    return decidedBy([unread([...gaps, ...blind], 'Agents may run where nobody looked')]);
  if (own) return decidedBy([sendsToServer(own, facts)]);
  const platform = managedPlatform(facts);
  const operator = operatorParts.find((part) => facts.has(part));
  if (platform || operator)
    return decidedBy([
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
  const server = unfedServer(facts);
  if (server && following.length === 0 && facts.classOf(component).class === 'application')
    return decidedBy([
      {
        status: 'unknown',
        reason: 'MAY_SEND_LOGS',
        message: `the log server ${server.name} runs, and no setting says who sends to it; services that log to it from their code or image would not be visible`,
        evidence: [{ object: server.primaryService ? nameOf(server.primaryService) : server.key, path: 'spec' }],
        fix: 'Give its address as a plain setting, or follow what all pods print by one agent a node.',
      },
    ]);
  return decidedBy([
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
      ...facts.ledger.gaps(['configmaps', 'services'], best.component.namespace),
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
    message: `${agent} is ready on ${nodes.length === 1 ? 'the node' : `all ${nodes.length} nodes`} it runs on, and sends the logs on`,
    evidence,
    findings,
  };
}

export default defineCheck({
  id: 'centralized-logging',
  title: 'Centralized logging configured',
  item: 'Centralized logging configured',
  heading: { long: 'logging', short: 'logs' },
  reads: {
    needs: ['pods', agents],
    uses: [
      'nodes',
      'services',
      'configmaps',
      slices,
      'opentelemetrycollectors.opentelemetry.io',
      ...operatorParts,
      ...outputParts,
    ],
  },
  verdicts: ['pass', 'warn', 'fail', 'unknown'],
  reasons,
  docs: {
    why: 'Logs that stay in the pod are gone when the pod is, which is exactly when they are wanted. And a request that crossed eight services left its lines on eight nodes.',
    judges:
      'Node by node. Pass: an agent that follows container logs (by the host paths it mounts) is ready on every node the service runs on, and its output leads somewhere; or the app sends its logs by OTLP to a collector with a logs pipeline. Warn: some nodes only; an output that is absent, prints, or is not visible; no more than the address of a log server (Seq, Loki, Graylog). Fail: proven that there is no agent, no shipper and no exporter.',
    wrongWhen:
      'Platforms that take logs without an agent (Fargate, Autopilot, virtual nodes) cannot be told from outside; that is unknown. An agent whose configuration is inside its image may well have a destination. Where a log server runs that nobody is seen to feed, services may log to it from their code.',
    fix: 'Run one log agent a node with tolerations for all of them and an output to a store, and log JSON to stdout.',
  },
  judge,
});
