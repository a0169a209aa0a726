import { annotation } from '../../../marks.ts';
import type { Evidence } from '../../contract.ts';
import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { workloadName } from '../../inventory/kubernetes/workloads.ts';
import { meshTracing } from '../../inventory/telemetry/mesh-tracing.ts';
import { unread } from '../define/define-check.ts';
import type { Found } from './reasons.ts';

/** By what it is, or by a name that leaves it open: agents of vendors have many images. */
function mayTakeTraces(component: Component, facts: Facts): boolean {
  const role = facts.classOf(component).role ?? '';
  return (
    ['collector', 'agent', 'tracing'].includes(role) ||
    component.workloads.some(({ spec }) =>
      spec.containers.some(({ image = '' }) => /agent|collector|otel|apm|trac(e|ing)/i.test(image)),
    )
  );
}

/** What can be said of a service whose settings name no address for traces. */
export function nothingSeen(
  component: Component,
  facts: Facts,
  on: readonly Evidence[],
  nodeLocal: Evidence | undefined,
  injected: boolean,
): Found {
  if (nodeLocal) {
    const agent = facts.components.find(
      (other) => other.workloads.some(({ kind }) => kind === 'DaemonSet') && mayTakeTraces(other, facts),
    );
    const gaps = facts.ledger.gaps(['daemonsets.apps']);
    if (!agent && gaps.length > 0)
      return unread(gaps, 'It sends traces to its own node, and nobody can say what runs there');
    return {
      status: agent ? 'unknown' : 'warn',
      reason: agent ? 'DESTINATION_UNCLEAR' : 'DESTINATION_ABSENT',
      message: agent
        ? `it sends traces to its own node, where ${agent.name} runs; whether that takes them is not proven`
        : 'it sends traces to its own node, and no collector runs on the nodes',
      evidence: [nodeLocal],
      fix: 'Send to the Service of a collector.',
    };
  }
  if (injected)
    return {
      status: 'unknown',
      reason: 'DESTINATION_UNCLEAR',
      message: 'its pods were injected by OpenTelemetry’s operator; where they send to is not visible',
      fix: 'Look at spec.exporter.endpoint of the Instrumentation.',
    };
  if (on.length > 0)
    return {
      status: 'warn',
      reason: 'DESTINATION_ABSENT',
      message: `tracing is switched on (${on.map(({ value }) => value).join(', ')}), and no address says where traces go`,
      evidence: [...on],
      fix: 'Set OTEL_EXPORTER_OTLP_ENDPOINT to a collector.',
    };
  const mesh = meshTracing(component, facts);
  if (mesh && !mesh.disabled)
    return {
      status: 'warn',
      reason: 'MESH_SPANS_ONLY',
      message:
        'only the mesh’s proxies make spans: without the app passing the headers on, each hop is a trace of its own',
      evidence: [mesh.evidence],
      fix: 'Instrument the app with OpenTelemetry, or at least pass traceparent on.',
    };
  const claims = component.workloads.find(({ podAnnotations }) => podAnnotations[annotation.generator] !== undefined);
  if (claims)
    return {
      status: 'warn',
      reason: 'DESTINATION_ABSENT',
      message:
        'it was generated with tracing built in, and no OTEL_EXPORTER_OTLP_ENDPOINT is set: its spans go nowhere',
      evidence: [
        {
          object: workloadName(claims),
          path: `${claims.specPath}.containers[*].env`,
          value: 'OTEL_EXPORTER_OTLP_ENDPOINT is not set',
        },
      ],
      fix: 'Set OTEL_EXPORTER_OTLP_ENDPOINT in deploy/ to your collector.',
    };
  return {
    status: 'unknown',
    reason: 'NOTHING_SEEN',
    message: 'nothing in its settings speaks of tracing; an SDK set up in its code would not be visible',
    evidence: component.workloads.map((workload) => ({
      object: workloadName(workload),
      path: `${workload.specPath}.containers[*].env`,
    })),
    fix: 'Set OTEL_EXPORTER_OTLP_ENDPOINT to a collector that exports to a backend, or annotate for the operator’s injection.',
  };
}
