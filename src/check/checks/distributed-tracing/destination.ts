import type { Evidence } from '../../contract.ts';
import type { Facts } from '../../inventory/facts.ts';
import type { Edge } from '../../inventory/graph/edges.ts';
import { nameOf } from '../../inventory/kubernetes/types.ts';
import { collectorConfig, exportersOf, exporterText, takesAt } from '../../inventory/telemetry/collector.ts';
import { hasReadyEndpoints } from '../../inventory/traffic/endpoint-slices.ts';
import { unread } from '../define/define-check.ts';
import type { Found } from './reasons.ts';

/** What becomes of traces sent along an edge: nothing to complain about, or a finding. */
export interface Outcome {
  found?: Found;
  evidence: Evidence[];
  message: string;
}

export const shown = (edge: Edge): string => `${edge.host}${edge.port ? `:${edge.port}` : ''}`;

/** Follows spans to where they end: Service, endpoints, the collector's pipeline, its exporters. */
export function follow(edge: Edge, facts: Facts): Outcome {
  const target = shown(edge);
  const where = edge.setting ? ` (${edge.setting})` : '';
  const wrong = (
    status: 'warn' | 'unknown',
    reason: Found['reason'],
    message: string,
    fix: string,
    evidence: Evidence[] = [],
  ): Outcome => ({
    evidence: [edge.evidence],
    message: '',
    found: { status, reason, message, evidence: [edge.evidence, ...evidence], fix, key: target },
  });
  if (edge.destination === 'absent')
    return wrong(
      'warn',
      'DESTINATION_ABSENT',
      edge.noNamespace
        ? `it sends traces to ${target}${where}, and there is no namespace ${edge.noNamespace} with a Service of that name: they are lost`
        : `it sends traces to ${target}${where}, and there is no such Service: they are lost`,
      `Deploy a collector as ${edge.host}, or correct ${edge.setting || 'the address'}.`,
    );
  if (edge.destination === 'no-port')
    return wrong(
      'warn',
      'DESTINATION_ABSENT',
      `it sends traces to ${target}${where}, and that Service has no such port: they are lost`,
      `Use a port that it offers (OTLP: 4317 for gRPC, 4318 for HTTP).`,
    );
  if (edge.destination === 'unread')
    return {
      evidence: [edge.evidence],
      message: '',
      found: unread([`services behind ${edge.host}: not read`], `Nobody can say whether traces arrive at ${target}`),
    };
  if (edge.destination === 'outside')
    return wrong(
      'warn',
      'DESTINATION_OUTSIDE',
      `it sends traces to ${target}, outside the cluster: whether they arrive is not visible`,
      'Send to a collector in the cluster and let that one forward, or waive this with the reason.',
    );
  const { service, to } = edge;
  if (!service || !to)
    return wrong(
      'unknown',
      'DESTINATION_UNCLEAR',
      `it sends traces to ${target}, and what that leads to is not visible`,
      'Look at what answers there.',
    );
  const role = facts.classOf(to).role;
  const serving = hasReadyEndpoints(facts, service);
  const slice: Evidence = { object: `EndpointSlice of ${nameOf(service)}`, path: 'endpoints[*].conditions.ready' };
  if (serving === undefined)
    return {
      evidence: [edge.evidence],
      message: '',
      found: unread(
        facts.ledger.gaps(['endpointslices.discovery.k8s.io'], service.metadata.namespace),
        `Nobody can say whether ${target} answers`,
      ),
    };
  if (!serving)
    return wrong(
      'warn',
      'DESTINATION_ABSENT',
      `it sends traces to ${target}, which has no ready endpoint: they are lost`,
      `Find out why ${nameOf(service)} has no ready pod.`,
      [slice],
    );
  if (role === 'tracing')
    return {
      evidence: [edge.evidence, { ...slice, value: 'ready' }],
      message: `sends traces to ${target}, a tracing backend that is up`,
    };
  if (role !== 'collector' && role !== 'agent')
    return wrong(
      'unknown',
      'DESTINATION_UNCLEAR',
      `it sends traces to ${target}; whether ${to.name} is a collector does not show in its image`,
      `Look at what ${to.name} does with traces.`,
    );
  const config = collectorConfig(to, facts);
  if (!config.visible) {
    const gaps = facts.ledger.gaps(['configmaps'], to.namespace);
    return gaps.length > 0
      ? {
          evidence: [edge.evidence],
          message: '',
          found: unread(gaps, `What the collector ${to.name} does with traces is not visible`),
        }
      : wrong(
          'unknown',
          'PIPELINE_HIDDEN',
          `the collector ${to.name} is up, and where it sends traces is not visible (its configuration is in its image or a Secret)`,
          'Put the collector’s configuration in a ConfigMap or an OpenTelemetryCollector.',
        );
  }
  const exporters = exportersOf(config, 'traces');
  const pipeline: Evidence[] = config.pipelines.traces.map(({ object, path, exporters: own }) => ({
    object,
    path,
    value: exporterText(own),
  }));
  if (config.pipelines.traces.length > 0 && takesAt(edge, 'traces', facts) === false)
    return wrong(
      'warn',
      'NO_TRACES_PIPELINE',
      `it sends traces to ${target}${where}, and no receiver of a traces pipeline of ${to.name} listens there: they are dropped`,
      'Send to a port of a receiver that stands in service.pipelines.traces.',
      pipeline,
    );
  if (exporters.some(({ leads }) => leads === 'somewhere'))
    return {
      evidence: [edge.evidence, { ...slice, value: 'ready' }, ...pipeline],
      message: `sends traces to ${target}, a collector that is up and passes them to ${exporterText(exporters.filter(({ leads }) => leads === 'somewhere'))}`,
    };
  const unseen = exporters.find(({ leads }) => leads === 'unread');
  if (unseen)
    return {
      evidence: [edge.evidence],
      message: '',
      found: unread([`services behind ${unseen.host}: not read`], `Nobody can say whether ${to.name} passes traces on`),
    };
  if (config.pipelines.traces.length === 0)
    return wrong(
      'warn',
      'NO_TRACES_PIPELINE',
      `the collector ${to.name} has no pipeline for traces: they are dropped`,
      'Add service.pipelines.traces to its configuration.',
    );
  if (exporters.every(({ leads }) => leads === 'debug'))
    return wrong(
      'warn',
      'DEBUG_ONLY',
      `the collector ${to.name} only prints traces (${exporterText(exporters)})`,
      'Add an exporter to a tracing backend (Jaeger, Tempo, a vendor).',
      pipeline,
    );
  return wrong(
    'warn',
    'DESTINATION_ABSENT',
    `the collector ${to.name} passes traces to ${exporters.map(({ host, name }) => host ?? name).join(', ')}, which does not exist`,
    'Deploy the backend or correct the exporter’s endpoint.',
    pipeline,
  );
}
