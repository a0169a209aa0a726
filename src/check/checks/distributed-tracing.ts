import { annotation } from '../../marks.ts';
import type { Evidence } from '../contract.ts';
import { collectorConfig, exportersOf, exporterText } from '../inventory/collector.ts';
import { answers } from '../inventory/endpoints.ts';
import type { Facts } from '../inventory/facts.ts';
import type { Edge } from '../inventory/graph.ts';
import { nameOf } from '../inventory/kube.ts';
import { hasProxy } from '../inventory/mesh.ts';
import { meshTracing } from '../inventory/mesh-tracing.ts';
import type { Party } from '../inventory/parties.ts';
import { tracingSignals } from '../inventory/tracing-signals.ts';
import { readyPods, workloadName } from '../inventory/workloads.ts';
import { classUnclear } from './class-unclear.ts';
import { defineCheck, type Found, type Judgement, notApplicable, unread } from './define-check.ts';

/** What becomes of traces sent along an edge: nothing to complain about, or a finding. */
interface Outcome {
  found?: Found;
  evidence: Evidence[];
  message: string;
}

const shown = (edge: Edge): string => `${edge.host}${edge.port ? `:${edge.port}` : ''}`;

function follow(edge: Edge, facts: Facts): Outcome {
  const target = shown(edge);
  const wrong = (
    status: 'warn' | 'unknown',
    reason: string,
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
      `it sends traces to ${target} (${edge.setting}), and there is no such Service: they are lost`,
      `Deploy a collector as ${edge.host}, or correct ${edge.setting}.`,
    );
  if (edge.destination === 'no-port')
    return wrong(
      'warn',
      'DESTINATION_ABSENT',
      `it sends traces to ${target} (${edge.setting}), and that Service has no such port: they are lost`,
      `Use a port that it offers (OTLP: 4317 for gRPC, 4318 for HTTP).`,
    );
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
  const serving = answers(facts, service);
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
  if (exporters.some(({ leads }) => leads === 'somewhere'))
    return {
      evidence: [edge.evidence, { ...slice, value: 'ready' }, ...pipeline],
      message: `sends traces to ${target}, a collector that is up and passes them to ${exporterText(exporters.filter(({ leads }) => leads === 'somewhere'))}`,
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

function judge(party: Party, facts: Facts): Judgement {
  const classification = facts.classOf(party);
  if (classification.class !== 'application')
    return notApplicable(
      'NOT_AN_APPLICATION',
      `a ${classification.class === 'store' ? 'data store' : 'broker'}: its callers trace the calls to it`,
    );
  const signals = tracingSignals(party, facts);
  const findings: Found[] = classification.certain ? [] : [classUnclear(party, facts)];
  const evidence: Evidence[] = [];
  const messages: string[] = [];
  for (const { what, evidence: at } of signals.off)
    findings.push({
      status: 'fail',
      reason: 'SWITCHED_OFF',
      message: `tracing is switched off by ${what}${signals.sent.length > 0 ? `, although it is told to send to ${shown(signals.sent[0] as Edge)}` : ''}`,
      evidence: [at],
      fix: `Remove ${what}, or waive this with the reason.`,
      key: what.slice(0, 80),
    });
  if (signals.injection?.done === false)
    findings.push({
      status: 'fail',
      reason: 'NOT_INJECTED',
      message:
        'it is annotated for OpenTelemetry’s injection, and its pods were not injected: they started before the operator, or no Instrumentation matches',
      evidence: [signals.injection.asked],
      fix: 'See that the operator runs and an Instrumentation exists in the namespace, then restart: kubectl rollout restart.',
    });
  for (const edge of signals.sent) {
    const outcome = follow(edge, facts);
    evidence.push(...outcome.evidence);
    if (outcome.found) findings.push(outcome.found);
    else messages.push(outcome.message);
  }
  // One address that works is enough; what else it is told is then worth a line and no more.
  const passed = messages.length > 0;
  const lesser = findings.map((found) =>
    passed && (found.status === 'warn' || found.status === 'unknown') && found.reason !== 'CLASS_UNCLEAR'
      ? { ...found, status: 'note' as const }
      : found,
  );
  if (lesser.length === 0 && !passed)
    lesser.push(nothingSeen(party, facts, signals.on, signals.nodeLocal, signals.injection?.done === true));
  const gaps = facts.ledger.gaps(['configmaps', 'services', 'pods'], party.namespace);
  if (gaps.length > 0 && lesser.every(({ status }) => status !== 'fail'))
    lesser.push(unread(gaps, 'A switch or address may stand where nobody looked'));
  const off = meshTracing(party, facts);
  if (off?.disabled && !passed)
    lesser.push({
      status: 'fail',
      reason: 'SWITCHED_OFF',
      message: 'the mesh is told to report no spans for it',
      evidence: [off.evidence],
      fix: 'Remove disableSpanReporting from the Telemetry.',
    });
  const running = party.workloads.some((workload) => readyPods(workload).length > 0);
  if (!running && passed) lesser.push({ status: 'note', reason: 'NOT_RUNNING', message: 'none of its pods is ready' });
  return {
    level: passed ? 'observed' : evidence.length > 0 ? 'configured' : 'none',
    reason: 'TRACES_ARRIVE',
    message: messages.join('; '),
    evidence,
    findings: lesser,
  };
}

function nothingSeen(
  party: Party,
  facts: Facts,
  on: readonly Evidence[],
  nodeLocal: Evidence | undefined,
  injected: boolean,
): Found {
  if (nodeLocal) {
    const agent = facts.parties.find((other) => {
      const { role } = facts.classOf(other);
      return (
        (role === 'collector' || role === 'agent' || role === 'tracing') &&
        other.workloads.some(({ kind }) => kind === 'DaemonSet')
      );
    });
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
  const mesh = meshTracing(party, facts);
  if (mesh && !mesh.disabled && hasProxy(party, 'istio', facts))
    return {
      status: 'warn',
      reason: 'MESH_SPANS_ONLY',
      message:
        'only the mesh’s proxies make spans: without the app passing the headers on, each hop is a trace of its own',
      evidence: [mesh.evidence],
      fix: 'Instrument the app with OpenTelemetry, or at least pass traceparent on.',
    };
  const claims = party.workloads.find(({ podAnnotations }) => podAnnotations[annotation.generator] !== undefined);
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
    evidence: party.workloads.map((workload) => ({
      object: workloadName(workload),
      path: `${workload.specPath}.containers[*].env`,
    })),
    fix: 'Set OTEL_EXPORTER_OTLP_ENDPOINT to a collector that exports to a backend, or annotate for the operator’s injection.',
  };
}

export default defineCheck({
  id: 'distributed-tracing',
  title: 'Distributed tracing enabled',
  item: 'Distributed tracing enabled',
  reads: {
    needs: ['services', 'pods', 'configmaps', 'endpointslices.discovery.k8s.io'],
    uses: [
      'deployments.apps',
      'statefulsets.apps',
      'namespaces',
      'opentelemetrycollectors.opentelemetry.io',
      'instrumentations.opentelemetry.io',
      'telemetries.telemetry.istio.io',
    ],
  },
  verdicts: ['pass', 'warn', 'fail', 'unknown', 'n-a'],
  docs: {
    why: 'When one request crosses eight services, a trace is the only thing that says which of them was slow. It works only if every service sends its spans, and only if they arrive.',
    judges:
      'The whole way of a span. Pass: an address of a collector or backend in any setting, which resolves and has ready endpoints; a collector must pass traces on to a real exporter. Warn: the destination is absent, outside the cluster or prints only; only the mesh makes spans. Fail: switched off (OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER=none, -Dspring.zipkin.enabled=false, sampler off and the like), or annotated for injection and not injected.',
    wrongWhen:
      'An SDK that is set up in code with a default address is not visible: the verdict is then unknown. Whether spans really arrive is only visible in the backend.',
    fix: 'Set OTEL_EXPORTER_OTLP_ENDPOINT (and OTEL_SERVICE_NAME) to an OpenTelemetry collector whose traces pipeline exports to Jaeger, Tempo or a vendor, and keep the sampler on.',
  },
  judge,
});
