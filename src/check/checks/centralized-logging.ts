import type { Facts } from '../inventory/facts.ts';
import type { Component } from '../inventory/graph/components.ts';
import { nameOf, type Pod } from '../inventory/kubernetes/types.ts';
import { behind } from '../inventory/ledger.ts';
import { logAgents } from '../inventory/telemetry/log-agents.ts';
import { operatorParts, outputParts } from '../inventory/telemetry/log-operators.ts';
import { isPlanned } from '../inventory/written.ts';
import { followed, reaches } from './centralized-logging/followed.ts';
import { withLines } from './centralized-logging/lines.ts';
import { managedPlatform } from './centralized-logging/managed-platform.ts';
import { type Choice, decidedElsewhere, notFollowed } from './centralized-logging/not-followed.ts';
import { openNodes } from './centralized-logging/open-nodes.ts';
import { maySend, type OwnLogs, ownLogs, sendsToServer, unfedServer } from './centralized-logging/own-logs.ts';
import { type Found, type Judgement, reasons } from './centralized-logging/reasons.ts';
import { shipped } from './centralized-logging/shipper.ts';
import { decidedBy, defineCheck, notYet, unread } from './define/define-check.ts';

const agents = 'daemonsets.apps';
const slices = 'endpointslices.discovery.k8s.io';

const isOver = ({ status }: Pod): boolean => status?.phase === 'Failed' || status?.phase === 'Succeeded';

/** Where its pods run; one that ended runs nowhere. */
const nodesOf = ({ workloads }: Component): string[] => {
  const running = workloads.flatMap(({ pods }) => pods).filter((pod) => !isOver(pod));
  return [...new Set(running.flatMap(({ spec }) => spec.nodeName ?? []))].sort();
};

/** Whether its logs are taken, and what the lines look like that were sampled. */
const judge = (component: Component, facts: Facts): Judgement =>
  withLines(judgeWay(component, facts), component, facts);

function judgeWay(component: Component, facts: Facts): Judgement {
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

  const planned = isPlanned(component, facts);
  if (planned && facts.ledger.gaps(['nodes']).length > 0)
    return (
      shipped(component, facts) ??
      decidedBy([unread(facts.ledger.gaps(['nodes', agents]), 'On which nodes it will run is open')])
    );
  const nodes = planned ? openNodes(component, facts) : nodesOf(component);
  const choices = logAgents(facts).map((agent): Choice => ({ agent, chosen: agent.takes(component) }));
  const onNodes = (choice: Choice['chosen']['choice']): Choice[] =>
    choices.filter(({ agent, chosen }) => chosen.choice === choice && nodes.some((node) => reaches(agent, node)));
  const taking = onNodes('on').map(({ agent }) => agent);
  const uncovered = nodes.filter((node) => !taking.some((agent) => reaches(agent, node)));
  const [unclear] = onNodes('unclear');
  if (taking.length > 0 && (uncovered.length === 0 || !unclear))
    return followed(facts, taking, nodes, uncovered, planned);

  return (
    shipped(component, facts) ??
    decidedBy([
      (nodes.length === 0 ? (planned ? withoutNodes : withoutPods) : undefined) ??
        (own?.state === 'perhaps' ? maySend(own, facts) : undefined) ??
        (unclear ? decidedElsewhere(unclear) : undefined) ??
        notRead(component, facts) ??
        byOthers(component, own, choices.length > 0, facts) ??
        notFollowed(facts, nodes, onNodes('off')[0]),
    ])
  );
}

const withoutNodes: Found = notYet('no node was seen that would take its pods');

const withoutPods: Found = {
  status: 'unknown',
  reason: 'NO_PODS',
  message: 'no pod of it runs, so there are no logs, and nobody can say whether they would be followed',
  fix: 'Run it and look again.',
};

/** Lists that would show an agent, or an address that takes logs. */
function notRead(component: Component, facts: Facts): Found | undefined {
  const unseen = facts.edgesFrom(component).filter(({ destination }) => destination === 'unread');
  const gaps = [
    ...facts.ledger.gaps([agents, 'nodes', ...operatorParts]),
    ...facts.ledger.gaps(['configmaps', 'services'], component.namespace),
    ...unseen.map(({ host }) => behind(host)),
  ];
  return gaps.length > 0 ? unread(gaps, 'Agents may run where nobody looked') : undefined;
}

/** What else may take its logs: a log server, the platform, an operator. */
function byOthers(component: Component, own: OwnLogs | undefined, agentsRun: boolean, facts: Facts): Found | undefined {
  if (own?.edge) return sendsToServer(own.edge, own.evidence, facts);
  const platform = managedPlatform(facts);
  const operator = operatorParts.find((part) => facts.has(part));
  if (platform || operator)
    return {
      status: 'unknown',
      reason: 'MANAGED_PLATFORM',
      message: platform
        ? 'it may run on nodes whose platform takes the logs itself'
        : 'an operator for logging is configured, and the agents it makes were not recognised',
      evidence: platform ? [platform] : [{ object: operator ?? '', path: 'spec' }],
      fix: 'Look in the platform’s own log service.',
    };
  const server = unfedServer(facts);
  if (!server || agentsRun || facts.classOf(component).class !== 'application') return undefined;
  return {
    status: 'unknown',
    reason: 'MAY_SEND_LOGS',
    message: `the log server ${server.name} runs, and no setting says who sends to it; services that log to it from their code or image would not be visible`,
    evidence: [{ object: server.primaryService ? nameOf(server.primaryService) : server.key, path: 'spec' }],
    fix: 'Give its address as a plain setting, or follow what all pods print by one agent a node.',
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
      'Node by node. Pass: an agent that follows container logs (by the host paths it mounts and what its configuration reads; or by the API, as Alloy’s loki.source.kubernetes does) is ready on every node the service runs on, and its output leads somewhere; a vendor’s agent counts where its own switches take the service’s logs. Or a shipper beside the app reads the volume that the app writes to, or the app sends its logs by OTLP to a collector with a logs pipeline. Warn: some nodes only; an output that is absent, prints, or is not visible; no more than the address of a log server (Seq, Loki, Graylog); with --sample-logs, lines that are mostly plain text. Fail: proven that there is no agent, no shipper and no exporter.',
    wrongWhen:
      'Platforms that take logs without an agent (Fargate, Autopilot, virtual nodes) cannot be told from outside; that is unknown. An agent whose configuration is inside its image may well have a destination. Where a log server runs that nobody is seen to feed, services may log to it from their code.',
    fix: 'Run one log agent a node with tolerations for all of them and an output to a store, and log JSON to stdout.',
  },
  judge,
});
