import type { Evidence, GroupResource } from '../contract.ts';
import type { Facts } from '../inventory/facts.ts';
import type { Component } from '../inventory/graph/components.ts';
import { observedName } from '../inventory/kubernetes/observed-pods.ts';
import { nameOf } from '../inventory/kubernetes/types.ts';
import { readyPods } from '../inventory/kubernetes/workloads.ts';
import { daprMissing, meshTracing, meshTracingParts } from '../inventory/telemetry/mesh-tracing.ts';
import { type Sent, type TracingSignals, tracingSignals } from '../inventory/telemetry/tracing-signals.ts';
import { isPlanned } from '../inventory/written.ts';
import { defineCheck, notApplicable, unread } from './define/define-check.ts';
import { unclearClass } from './define/unclear-class.ts';
import { follow } from './distributed-tracing/destination.ts';
import { followLocal } from './distributed-tracing/local-destination.ts';
import { nothingSeen } from './distributed-tracing/no-address.ts';
import { type Found, type Judgement, reasons } from './distributed-tracing/reasons.ts';
import { beginsNone, perhapsOff, shownOf, stillSent, switchedOff } from './distributed-tracing/switched-off.ts';

const operatorParts: readonly GroupResource[] = [
  'opentelemetrycollectors.opentelemetry.io',
  'instrumentations.opentelemetry.io',
];

/**
 * Injection that was asked for and that the pods that run do not show. Asked for in the wrong place it says that somebody
 * wants traces, which counts where nothing else can give them.
 */
const notInjected = (signals: TracingSignals, facts: Facts, isWhole: boolean): Found[] =>
  signals.injections
    .filter(({ done, misplaced }) => done === false && (!misplaced || (isWhole && signals.told.length === 0)))
    .map(({ injector, asked, misplaced }) => {
      if (misplaced)
        return {
          status: 'fail',
          reason: 'NOT_INJECTED',
          message: `the annotation for ${injector.name} stands on the workload itself, where nothing looks for it, and its pods were not injected`,
          evidence: [asked],
          fix: 'Move it to spec.template.metadata.annotations: injectors see pods alone.',
          key: injector.name,
        };
      const missing = injector.key.source.includes('opentelemetry') && operatorParts.every(facts.ledger.notServed);
      return {
        status: 'fail',
        reason: 'NOT_INJECTED',
        message: `it is annotated for ${injector.name}, and its pods were not injected: ${
          missing
            ? 'OpenTelemetry’s operator is not installed (the cluster does not serve opentelemetry.io)'
            : injector.perhaps
        }`,
        evidence: [asked],
        fix: missing
          ? 'Install the operator and an Instrumentation, then restart: kubectl rollout restart. Or remove the annotation.'
          : injector.fix,
        key: injector.name,
      };
    });

/** Injection by Dapr, which is asked for by an annotation of its own and makes the spans itself. */
function withoutDapr(component: Component, facts: Facts): Found[] {
  const evidence = daprMissing(component, facts);
  if (!evidence) return [];
  return [
    {
      status: 'fail',
      reason: 'NOT_INJECTED',
      message:
        'its calls would be traced by Dapr’s sidecar, and its pods have none: Dapr does not run, or they started before it',
      evidence,
      fix: 'See that Dapr’s injector runs, then restart: kubectl rollout restart.',
      key: 'Dapr',
    },
  ];
}

/** What becomes of each address, and the words for those that lead somewhere: one line a place, however many settings name it. */
function followAll(sent: readonly Sent[], component: Component, facts: Facts) {
  const arrivals = new Map<string, string>();
  const evidence: Evidence[] = [];
  const findings = new Map<string, Found>();
  for (const each of sent) {
    const outcome = 'edge' in each ? follow(each.edge, facts) : followLocal(each.local, component, facts);
    evidence.push(...outcome.evidence);
    const { found } = outcome;
    if (found) findings.set(`${found.reason} ${found.key} ${found.message}`, found);
    else {
      const [at, port] =
        'edge' in each
          ? [each.edge.service ? nameOf(each.edge.service) : each.edge.host, each.edge.port]
          : [`${each.local.scope} ${each.local.file}`, each.local.port];
      if (!arrivals.has(at) || port) arrivals.set(at, outcome.message);
    }
  }
  return { messages: [...arrivals.values()], evidence, findings: [...findings.values()] };
}

/** Our own trace id in its log: it takes part in traces. Whether spans leave it is another matter. */
const seenInLogs = (component: Component, facts: Facts): Found[] =>
  facts
    .observations(component)
    .filter(({ logs }) => logs?.ours?.trace)
    .map((one) => ({
      status: 'note',
      reason: 'TRACE_ID_LOGGED',
      message: 'it went on with the trace of a request that was sent to it: the trace’s id is in its log',
      evidence: [{ object: observedName(one), path: `log of ${one.container}`, value: 'the id of our request' }],
    }));

/** One address that works is enough: what else it is told is then worth a line and no more. */
const asNote = (found: Found): Found =>
  found.status === 'warn' || found.status === 'unknown' ? { ...found, status: 'note' } : found;

function judge(component: Component, facts: Facts): Judgement {
  const classification = facts.classOf(component);
  if (classification.class !== 'application')
    return notApplicable(
      'NOT_AN_APPLICATION',
      `a ${classification.class === 'store' ? 'data store' : 'broker'}: its callers trace the calls to it`,
    );
  const signals = tracingSignals(component, facts);
  const { messages, evidence, findings } = followAll(stillSent(signals), component, facts);
  const passed = messages.length > 0;
  const gaps = facts.ledger.gaps(['configmaps', 'services', 'pods'], component.namespace);
  const all: Found[] = [
    ...(classification.certain ? [] : [unclearClass(component, facts)]),
    ...switchedOff(signals, shownOf(signals.told[0]), passed),
    ...(passed ? perhapsOff(signals) : []),
    ...notInjected(signals, facts, gaps.length === 0),
    ...(passed ? findings.map(asNote) : [...findings, ...withoutDapr(component, facts)]),
    ...beginsNone(signals, component, facts),
  ];
  if (!passed && all.every(({ status }) => status === 'note')) all.push(nothingSeen(component, facts, signals));
  if (gaps.length > 0 && all.every(({ status }) => status !== 'fail'))
    all.push(unread(gaps, 'A switch or address may stand where nobody looked'));
  const off = meshTracing(component, facts);
  if (off?.disabled && !passed)
    all.push({
      status: 'fail',
      reason: 'SWITCHED_OFF',
      message: 'the mesh is told to report no spans for it',
      evidence: [off.evidence],
      fix: 'Remove disableSpanReporting from the Telemetry.',
    });
  all.push(...seenInLogs(component, facts));
  const running = isPlanned(component, facts) || component.workloads.some((workload) => readyPods(workload).length > 0);
  if (!running && passed) all.push({ status: 'note', reason: 'NOT_RUNNING', message: 'none of its pods is ready' });
  return {
    level: passed ? 'observed' : evidence.length > 0 ? 'configured' : 'none',
    reason: 'TRACES_ARRIVE',
    message: messages.join('; '),
    evidence,
    findings: all,
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
      'The whole way of a span. Pass: an address of a collector or backend in any setting, which resolves and has ready endpoints; or a collector beside the app on localhost, or an agent of its own node by the node’s address, a hostPort or a socket, ready wherever the app runs. A collector must take traces at that port and pass them on to a real exporter, a vendor’s agent be told to take them; an address for metrics, logs or profiles proves nothing. Warn: the destination is absent, outside the cluster or prints only; only the mesh makes spans; the sampler begins no trace and nobody is seen who would. Fail: switched off (OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER=none, -Dspring.zipkin.enabled=false, sampler always_off and the like), or annotated for injection (OpenTelemetry, Datadog, Dapr) and not injected. Unknown: nothing is seen, or a mounted file says that it is off and nobody can tell whether that is what the program reads.',
    wrongWhen:
      'An SDK that is set up in code with a default address is not visible: the verdict is then unknown. Whether spans really arrive is only visible in the backend.',
    fix: 'Set OTEL_EXPORTER_OTLP_ENDPOINT (and OTEL_SERVICE_NAME) to an OpenTelemetry collector whose traces pipeline exports to Jaeger, Tempo or a vendor, and keep the sampler on.',
  },
  judge,
});
