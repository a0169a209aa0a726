import type { Evidence } from '../../contract.ts';
import type { Setting } from '../../inventory/configuration/settings.ts';
import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import type { Edge } from '../../inventory/graph/edges.ts';
import { mainContainer } from '../../inventory/graph/main-container.ts';
import { readyPods, workloadName } from '../../inventory/kubernetes/workloads.ts';
import { perRun } from '../../inventory/per-run.ts';
import { carriesNoLogs, meansNoLogs } from '../../inventory/technologies/telemetry-names.ts';
import { containersBeside, pathsOfTelemetry, standsIn } from '../../inventory/telemetry/beside.ts';
import { collectorConfig, configBeside, exportersOf, takesAt, takesOn } from '../../inventory/telemetry/collector.ts';
import { type LocalAddress, localAddresses } from '../../inventory/telemetry/local-addresses.ts';
import { listenersAt, podPortOf } from '../../inventory/telemetry/node-listeners.ts';
import type { CollectorConfig } from '../../inventory/telemetry/pipelines.ts';
import { hasReadyEndpoints } from '../../inventory/traffic/endpoint-slices.ts';
import { isPlanned } from '../../inventory/written.ts';
import { unread } from '../define/define-check.ts';
import type { Found } from './reasons.ts';

/**
 * Logs that the app itself sends. `server`: it is told the address of a log server. `perhaps`: the address takes logs
 * and nothing says that its logs use it.
 */
export interface OwnLogs {
  state: 'sends' | 'server' | 'perhaps';
  /** The address: of a Service, or "localhost:4317". */
  host: string;
  edge?: Edge;
  evidence: Evidence[];
}

/** Ports on which a log server is looked at: Kibana, Graylog. */
const viewPorts = new Set([5601, 9000]);
const isViewer = (component: Component): boolean => /kibana/.test(mainContainer(component)?.image ?? '');

/** What an app says of its own logs: asked to be sent by OTLP, refused, or nothing. */
function wish(settings: readonly Setting[]): 'asked' | 'refused' | undefined {
  const is = (wanted: RegExp, values: RegExp): boolean =>
    settings.some(({ name, value }) => wanted.test(name) && values.test(value.trim()));
  if (is(/^OTEL_LOGS_EXPORTER$/, /^none$/i) || is(/^OTEL_SDK_DISABLED$/, /^true$/i)) return 'refused';
  return is(/^OTEL_LOGS_EXPORTER$/, /otlp/i) || is(/^OTEL_EXPORTER_OTLP_LOGS_ENDPOINT$/, /./) ? 'asked' : undefined;
}

/** What becomes of logs at a collector: undefined where it takes none there. */
function atCollector(
  config: CollectorConfig,
  takes: boolean | undefined,
  own: Pick<OwnLogs, 'host' | 'evidence'>,
  asked: boolean,
): OwnLogs | undefined {
  if (takes === false) return undefined;
  const exporters = exportersOf(config, 'logs');
  const leads = exporters.some((each) => each.leads === 'somewhere');
  const evidence = [...own.evidence, ...config.pipelines.logs.map(({ object, path }) => ({ object, path }))];
  if (asked && leads) return { ...own, state: 'sends', evidence };
  const perhaps =
    leads || !config.visible || exporters.some((each) => each.leads === 'unread' || each.leads === 'hidden');
  return perhaps ? { ...own, state: 'perhaps', evidence } : undefined;
}

function alongEdge(edge: Edge, wanted: ReturnType<typeof wish>, facts: Facts): OwnLogs | undefined {
  const { to, host, evidence } = edge;
  const { role } = to ? facts.classOf(to) : {};
  if (!to || !role || carriesNoLogs(edge.port) || meansNoLogs(edge.setting)) return undefined;
  const own = { host, edge, evidence: [evidence] };
  if (role === 'logs') return isViewer(to) || viewPorts.has(edge.port ?? 0) ? undefined : { ...own, state: 'server' };
  if (wanted === 'refused') return undefined;
  if (role === 'agent' && !collectorConfig(to, facts).visible) return { ...own, state: 'perhaps' };
  if (role !== 'collector' && role !== 'agent') return undefined;
  const found = atCollector(collectorConfig(to, facts), takesAt(edge, 'logs', facts), own, wanted === 'asked');
  const down = edge.service && hasReadyEndpoints(facts, edge.service) === false;
  return found && { ...found, edge, state: found.state === 'sends' && down ? 'server' : found.state };
}

/** By OTLP to a collector of its own pod or node. */
function alongLocal(
  local: LocalAddress,
  component: Component,
  wanted: ReturnType<typeof wish>,
  facts: Facts,
): OwnLogs | undefined {
  const { scope, port, setting, evidence } = local;
  if (wanted === 'refused' || !/OTLP/i.test(setting)) return undefined;
  const own = {
    host: `${scope === 'pod' ? 'localhost' : 'its own node'}${port ? `:${port}` : ''}`,
    evidence: [evidence],
  };
  const asked = wanted === 'asked';
  if (scope === 'pod') {
    const beside = containersBeside(component).find(({ role }) => role === 'collector' || role === 'agent');
    const config = beside && configBeside(beside, facts);
    return config && atCollector(config, takesOn(port, 'logs', config), own, asked);
  }
  const [listener] = scope === 'node' ? listenersAt({ port }, facts) : [];
  if (!listener || port === undefined) return undefined;
  const config = collectorConfig(listener.component, facts);
  const everywhere =
    !isPlanned(component, facts) &&
    component.workloads.every((workload) =>
      readyPods(workload).every(({ spec }) => listener.nodes.has(spec.nodeName ?? '')),
    );
  const found = atCollector(config, takesOn(podPortOf(listener, port), 'logs', config), own, asked && everywhere);
  return found;
}

/** Logs that an app sends itself, by what its own container is told; the surest first. */
export function ownLogs(component: Component, facts: Facts): OwnLogs | undefined {
  const beside = pathsOfTelemetry(component, facts);
  const settings = facts.configuration(component).settings.filter((setting) => !standsIn(beside, setting));
  const wanted = wish(settings);
  const edges = facts
    .edgesFrom(component)
    .filter(({ evidence, given }) => !standsIn(beside, { path: evidence.path ?? '', given }));
  const holder = component.workloads[0] ? workloadName(component.workloads[0]) : component.key;
  const locals = localAddresses(component, settings, undefined, ({ path, configMap }, value) => ({
    object: configMap ? `ConfigMap ${component.namespace}/${configMap}` : holder,
    path,
    value,
  }));
  const found = [
    ...edges.flatMap((edge) => alongEdge(edge, wanted, facts) ?? []),
    ...locals.flatMap((local) => alongLocal(local, component, wanted, facts) ?? []),
  ];
  return (['sends', 'server', 'perhaps'] as const).flatMap((state) => found.filter((own) => own.state === state))[0];
}

/** That an app may send its logs: what it is told leads to somebody who would take them. */
export const maySend = ({ edge, host, evidence }: OwnLogs, facts: Facts): Found =>
  edge?.to && facts.classOf(edge.to).role === 'agent'
    ? {
        status: 'unknown',
        reason: 'MAY_SEND_LOGS',
        message: `it is told the address of ${host}, which takes logs; whether it sends its own there is not visible`,
        evidence,
        fix: 'Follow what it prints by one agent a node.',
      }
    : {
        status: 'unknown',
        reason: 'MAY_SEND_LOGS',
        message: 'it sends telemetry to a collector; whether its logs are part of that is not visible',
        evidence,
        fix: 'Set OTEL_LOGS_EXPORTER=otlp where it does.',
      };

/** What follows where it is told the address of a log server: no more than that is known. */
export function sendsToServer(edge: Edge, evidence: Evidence[], facts: Facts): Found {
  const { service, to } = edge;
  const target = `${edge.host}${edge.port ? `:${edge.port}` : ''}`;
  const serving = edge.destination === 'service' && service ? hasReadyEndpoints(facts, service) : false;
  if (serving === undefined)
    return unread(
      facts.ledger.gaps(['endpointslices.discovery.k8s.io'], service?.metadata.namespace),
      `Nobody can say whether ${target} answers`,
    );
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
export const unfedServer = perRun((facts): Component | undefined =>
  facts.components.find((component) => {
    if (facts.classOf(component).role !== 'logs' || isViewer(component)) return false;
    if (!component.workloads.some((workload) => readyPods(workload).length > 0)) return false;
    return facts.edgesTo(component).every(({ from }) => readers.has(facts.classOf(from).role ?? ''));
  }),
);
/** What has the address of a log server to show its logs, or is one itself. */
const readers = new Set(['metrics', 'logs', 'tool', 'gateway', 'mesh']);
