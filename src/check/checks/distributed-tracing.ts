import type { Evidence, GroupResource } from '../contract.ts';
import type { Facts } from '../inventory/facts.ts';
import type { Component } from '../inventory/graph/components.ts';
import type { Edge } from '../inventory/graph/edges.ts';
import { nameOf } from '../inventory/kubernetes/types.ts';
import { readyPods } from '../inventory/kubernetes/workloads.ts';
import { daprMissing, meshTracing, meshTracingParts } from '../inventory/telemetry/mesh-tracing.ts';
import { tracingSignals } from '../inventory/telemetry/tracing-signals.ts';
import { defineCheck, notApplicable, unread } from './define/define-check.ts';
import { unclearClass } from './define/unclear-class.ts';
import { follow, shown } from './distributed-tracing/destination.ts';
import { nothingSeen } from './distributed-tracing/no-address.ts';
import { type Found, type Judgement, reasons } from './distributed-tracing/reasons.ts';

const operatorParts: readonly GroupResource[] = [
  'opentelemetrycollectors.opentelemetry.io',
  'instrumentations.opentelemetry.io',
];

function judge(component: Component, facts: Facts): Judgement {
  const classification = facts.classOf(component);
  if (classification.class !== 'application')
    return notApplicable(
      'NOT_AN_APPLICATION',
      `a ${classification.class === 'store' ? 'data store' : 'broker'}: its callers trace the calls to it`,
    );
  const signals = tracingSignals(component, facts);
  const findings: Found[] = classification.certain ? [] : [unclearClass(component, facts)];
  const evidence: Evidence[] = [];
  /** One line a Service, however many settings name it. */
  const arrivals = new Map<string, string>();
  for (const { what, evidence: at } of signals.off)
    findings.push({
      status: 'fail',
      reason: 'SWITCHED_OFF',
      message: `tracing is switched off by ${what}${signals.sent.length > 0 ? `, although it is told to send to ${shown(signals.sent[0] as Edge)}` : ''}`,
      evidence: [at],
      fix: `Remove ${what}, or waive this with the reason.`,
      key: what.slice(0, 80),
    });
  if (signals.injection?.done === false) {
    const installed = !operatorParts.every(facts.ledger.notServed);
    findings.push({
      status: 'fail',
      reason: 'NOT_INJECTED',
      message: `it is annotated for OpenTelemetry’s injection, and its pods were not injected: ${
        installed
          ? 'they started before the operator, or no Instrumentation matches'
          : 'OpenTelemetry’s operator is not installed (the cluster does not serve opentelemetry.io)'
      }`,
      evidence: [signals.injection.asked],
      fix: installed
        ? 'See that the operator runs and an Instrumentation exists in the namespace, then restart: kubectl rollout restart.'
        : 'Install the operator and an Instrumentation, then restart: kubectl rollout restart. Or remove the annotation.',
    });
  }
  for (const edge of signals.sent) {
    const outcome = follow(edge, facts);
    evidence.push(...outcome.evidence);
    if (outcome.found) findings.push(outcome.found);
    else {
      const at = edge.service ? nameOf(edge.service) : edge.host;
      if (!arrivals.has(at) || edge.port) arrivals.set(at, outcome.message);
    }
  }
  const messages = [...arrivals.values()];
  const withoutDapr = messages.length === 0 ? daprMissing(component, facts) : undefined;
  if (withoutDapr)
    findings.push({
      status: 'fail',
      reason: 'NOT_INJECTED',
      message:
        'its calls would be traced by Dapr’s sidecar, and its pods have none: Dapr does not run, or they started before it',
      evidence: withoutDapr,
      fix: 'See that Dapr’s injector runs, then restart: kubectl rollout restart.',
    });
  // One address that works is enough; what else it is told is then worth a line and no more.
  const passed = messages.length > 0;
  const lesser = findings.map((found) =>
    passed && (found.status === 'warn' || found.status === 'unknown') && found.reason !== 'CLASS_UNCLEAR'
      ? { ...found, status: 'note' as const }
      : found,
  );
  if (lesser.length === 0 && !passed)
    lesser.push(nothingSeen(component, facts, signals.on, signals.nodeLocal, signals.injection?.done === true));
  const gaps = facts.ledger.gaps(['configmaps', 'services', 'pods'], component.namespace);
  if (gaps.length > 0 && lesser.every(({ status }) => status !== 'fail'))
    lesser.push(unread(gaps, 'A switch or address may stand where nobody looked'));
  const off = meshTracing(component, facts);
  if (off?.disabled && !passed)
    lesser.push({
      status: 'fail',
      reason: 'SWITCHED_OFF',
      message: 'the mesh is told to report no spans for it',
      evidence: [off.evidence],
      fix: 'Remove disableSpanReporting from the Telemetry.',
    });
  const running = component.workloads.some((workload) => readyPods(workload).length > 0);
  if (!running && passed) lesser.push({ status: 'note', reason: 'NOT_RUNNING', message: 'none of its pods is ready' });
  return {
    level: passed ? 'observed' : evidence.length > 0 ? 'configured' : 'none',
    reason: 'TRACES_ARRIVE',
    message: messages.join('; '),
    evidence,
    findings: lesser,
  };
}

export default defineCheck({
  id: 'distributed-tracing',
  title: 'Distributed tracing enabled',
  item: 'Distributed tracing enabled',
  heading: { long: 'tracing', short: 'traces' },
  reads: {
    needs: ['services', 'pods', 'configmaps', 'endpointslices.discovery.k8s.io'],
    uses: [
      'deployments.apps',
      'statefulsets.apps',
      'daemonsets.apps',
      'namespaces',
      ...operatorParts,
      ...meshTracingParts,
    ],
  },
  verdicts: ['pass', 'warn', 'fail', 'unknown', 'n-a'],
  reasons,
  docs: {
    why: 'When one request crosses eight services, a trace is the only thing that says which of them was slow. It works only if every service sends its spans, and only if they arrive.',
    judges:
      'The whole way of a span. Pass: an address of a collector or backend in any setting, which resolves and has ready endpoints; a collector must take traces at that port and pass them on to a real exporter, and an address for metrics, logs or profiles proves nothing. Warn: the destination is absent, outside the cluster or prints only; only the mesh makes spans. Fail: switched off (OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER=none, -Dspring.zipkin.enabled=false, sampler off and the like), or annotated for injection (OpenTelemetry, Dapr) and not injected.',
    wrongWhen:
      'An SDK that is set up in code with a default address is not visible: the verdict is then unknown. Whether spans really arrive is only visible in the backend.',
    fix: 'Set OTEL_EXPORTER_OTLP_ENDPOINT (and OTEL_SERVICE_NAME) to an OpenTelemetry collector whose traces pipeline exports to Jaeger, Tempo or a vendor, and keep the sampler on.',
  },
  judge,
});
