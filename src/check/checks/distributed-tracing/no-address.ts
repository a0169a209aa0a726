import { annotation } from '../../../marks.ts';
import type { Evidence } from '../../contract.ts';
import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { workloadName } from '../../inventory/kubernetes/workloads.ts';
import { meansOthers } from '../../inventory/technologies/telemetry-names.ts';
import { containersBeside } from '../../inventory/telemetry/beside.ts';
import { meshTracing } from '../../inventory/telemetry/mesh-tracing.ts';
import type { TracingSignals } from '../../inventory/telemetry/tracing-signals.ts';
import { makerOf, onlyPrints, sendsToVendor } from '../../inventory/telemetry/tracing-switches.ts';
import type { Found } from './reasons.ts';

/** What can be said of a service whose settings name no address for traces. */
export const nothingSeen = (component: Component, facts: Facts, signals: TracingSignals): Found =>
  makesSpans(signals) ??
  meshSpans(component, facts) ??
  asGenerated(component) ??
  maySend(component, facts) ?? {
    status: 'unknown',
    reason: 'NOTHING_SEEN',
    message: 'nothing in its settings speaks of tracing; an SDK set up in its code would not be visible',
    evidence: component.workloads.map((workload) => ({
      object: workloadName(workload),
      path: `${workload.specPath}.containers[*].env`,
    })),
    fix: 'Set OTEL_EXPORTER_OTLP_ENDPOINT to a collector that exports to a backend, or annotate for the operator’s injection.',
  };

/** It makes spans, by an exporter, an injection or an agent that is loaded, and nobody says where they go. */
function makesSpans({ on, exporters, injections }: TracingSignals): Found | undefined {
  if (exporters && onlyPrints(exporters))
    return {
      status: 'warn',
      reason: 'DEBUG_ONLY',
      message: `it only prints its traces (${exporters.names.join(', ')})`,
      evidence: [exporters.evidence],
      fix: 'Set OTEL_TRACES_EXPORTER=otlp, and OTEL_EXPORTER_OTLP_ENDPOINT to a collector.',
    };
  const asked = injections.filter(({ done }) => done !== false);
  if (asked.length > 0)
    return {
      status: 'unknown',
      reason: 'DESTINATION_UNCLEAR',
      message: asked.some(({ done }) => done)
        ? 'its pods were injected; where they send to is not visible'
        : 'it is annotated for injection, and no pod of it runs that would show it',
      evidence: asked.map((injection) => injection.asked),
      fix: 'Look at spec.exporter.endpoint of the Instrumentation.',
    };
  const direct = on.find(sendsToVendor);
  if (direct)
    return {
      status: 'warn',
      reason: 'DESTINATION_OUTSIDE',
      message: `it loads an agent (${direct.what}) that sends to its vendor, outside the cluster: whether traces arrive is not visible`,
      evidence: [direct.evidence],
      fix: 'Look in the vendor’s own pages whether they arrive, and waive this with the reason.',
    };
  if (on.length > 0)
    return {
      status: 'warn',
      reason: 'DESTINATION_ABSENT',
      message: `tracing is switched on (${on.map(({ what }) => what).join(', ')}), and no address says where traces go`,
      evidence: on.map(({ evidence }) => evidence),
      fix: 'Set OTEL_EXPORTER_OTLP_ENDPOINT to a collector.',
    };
  return undefined;
}

function meshSpans(component: Component, facts: Facts): Found | undefined {
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
  return undefined;
}

function asGenerated(component: Component): Found | undefined {
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
  return undefined;
}

/** A sign of traces that proves none. */
function maySend(component: Component, facts: Facts): Found | undefined {
  const beside = containersBeside(component).find(({ role }) => role === 'collector');
  if (beside)
    return {
      status: 'unknown',
      reason: 'DESTINATION_UNCLEAR',
      message: `a collector (${beside.container.name}) stands beside it, and nothing in its settings says that it sends traces there`,
      evidence: [{ object: beside.object, path: beside.path }],
      fix: 'Set OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4317 where it does.',
    };
  const spoken = speaksOf(component, facts);
  if (spoken)
    return {
      status: 'unknown',
      reason: 'DESTINATION_UNCLEAR',
      message: `its settings speak of tracing (${spoken.value}), and no address that can be read says where traces go`,
      evidence: [spoken],
      fix: 'Set OTEL_EXPORTER_OTLP_ENDPOINT as a plain value to a collector that exports to a backend.',
    };
  return undefined;
}

/** A variable of a tracing library, or one whose value is a Secret's. */
function speaksOf(component: Component, facts: Facts): Evidence | undefined {
  const { settings, secretUses } = facts.configuration(component);
  const holder = component.workloads[0] ? workloadName(component.workloads[0]) : component.key;
  const isWord = (name: string): boolean => makerOf(name) !== 'any' && !meansOthers(name);
  const secret = secretUses.find(({ variable }) => variable !== undefined && isWord(variable));
  if (secret) return { object: secret.object, path: secret.path, value: secret.variable ?? '' };
  const setting = settings.find(({ name, source }) => source === 'variable' && isWord(name));
  return setting && { object: holder, path: setting.given ?? setting.path, value: setting.name };
}
