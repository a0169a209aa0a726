import type { Evidence } from '../../contract.ts';
import type { Facts } from '../../inventory/facts.ts';
import type { Edge } from '../../inventory/graph/edges.ts';
import { nameOf } from '../../inventory/kubernetes/types.ts';
import { behind } from '../../inventory/ledger.ts';
import { collectorConfig, takesAt } from '../../inventory/telemetry/collector.ts';
import { vendorOf } from '../../inventory/telemetry/vendor-agents.ts';
import { hasReadyEndpoints } from '../../inventory/traffic/endpoint-slices.ts';
import { throughCollector, throughVendor } from './collector-end.ts';
import { arrives, cannotTell, isWrong, type Outcome, type Target } from './outcome.ts';

const shown = (edge: Edge): string => `${edge.host}${edge.port ? `:${edge.port}` : ''}`;

/** What can be said where the name leads to no Service that was read. */
function leadsNowhere(edge: Edge, target: Target): Outcome | undefined {
  const where = edge.setting ? ` (${edge.setting})` : '';
  switch (edge.destination) {
    case 'absent':
      return isWrong(target, {
        status: 'warn',
        reason: 'DESTINATION_ABSENT',
        message: edge.noNamespace
          ? `it sends traces to ${target.shown}${where}, and there is no namespace ${edge.noNamespace} with a Service of that name: they are lost`
          : `it sends traces to ${target.shown}${where}, and there is no such Service: they are lost`,
        fix: `Deploy a collector as ${edge.host}, or correct ${edge.setting || 'the address'}.`,
      });
    case 'no-port':
      return isWrong(target, {
        status: 'warn',
        reason: 'DESTINATION_ABSENT',
        message: `it sends traces to ${target.shown}${where}, and that Service has no such port: they are lost`,
        fix: 'Use a port that it offers (OTLP: 4317 for gRPC, 4318 for HTTP).',
      });
    case 'unread':
      return cannotTell(target, [behind(edge.host)], `Nobody can say whether traces arrive at ${target.shown}`);
    case 'outside':
      return isWrong(target, {
        status: 'warn',
        reason: 'DESTINATION_OUTSIDE',
        message: `it sends traces to ${target.shown}, outside the cluster: whether they arrive is not visible`,
        fix: 'Send to a collector in the cluster and let that one forward, or waive this with the reason.',
      });
    default:
      return undefined;
  }
}

/** Follows spans to where they end: Service, endpoints, the collector's pipeline, its exporters. */
export function follow(edge: Edge, facts: Facts): Outcome {
  const target = { shown: shown(edge), setting: edge.setting, evidence: edge.evidence };
  const lost = leadsNowhere(edge, target);
  if (lost) return lost;
  const { service, to } = edge;
  if (!service || !to)
    return isWrong(target, {
      status: 'unknown',
      reason: 'DESTINATION_UNCLEAR',
      message: `it sends traces to ${target.shown}, and what that leads to is not visible`,
      fix: 'Look at what answers there.',
    });
  const serving = hasReadyEndpoints(facts, service);
  const slice: Evidence = { object: `EndpointSlice of ${nameOf(service)}`, path: 'endpoints[*].conditions.ready' };
  if (serving === undefined)
    return cannotTell(
      target,
      facts.ledger.gaps(['endpointslices.discovery.k8s.io'], service.metadata.namespace),
      `Nobody can say whether ${target.shown} answers`,
    );
  if (!serving)
    return isWrong(target, {
      status: 'warn',
      reason: 'DESTINATION_ABSENT',
      message: `it sends traces to ${target.shown}, which has no ready endpoint: they are lost`,
      evidence: [slice],
      fix: `Find out why ${nameOf(service)} has no ready pod.`,
    });
  return intoComponent(edge, target, { ...slice, value: 'ready' }, facts);
}

/** What the pods behind a Service do with spans. */
function intoComponent({ to, port, ...edge }: Edge, target: Target, up: Evidence, facts: Facts): Outcome {
  const { role } = to ? facts.classOf(to) : {};
  const vendor = to && vendorOf(to);
  if (to && vendor)
    return throughVendor(target, { vendor: vendor.vendor, name: to.name, chosen: vendor.traces(to, port, facts), up });
  if (role === 'tracing') return arrives(target, `sends traces to ${target.shown}, a tracing backend that is up`, [up]);
  if (to && (role === 'collector' || role === 'agent')) {
    const takes = takesAt({ ...edge, to, ...(port === undefined ? {} : { port }) }, 'traces', facts);
    const config = collectorConfig(to, facts);
    const { name, namespace } = to;
    return throughCollector(target, { name, namespace, config, takes, up, kind: 'a collector that is up' }, facts);
  }
  return isWrong(target, {
    status: 'unknown',
    reason: 'DESTINATION_UNCLEAR',
    message: `it sends traces to ${target.shown}; whether ${to?.name} is a collector does not show in its image`,
    fix: `Look at what ${to?.name} does with traces.`,
  });
}
