import { annotation } from '../../marks.ts';
import type { Evidence } from '../contract.ts';
import { sharingOf } from '../inventory/data/shared-stores.ts';
import { declaredAnnotation } from '../inventory/declared/annotation-list.ts';
import type { Facts } from '../inventory/facts.ts';
import type { Component } from '../inventory/graph/components.ts';
import { protocolOf } from '../inventory/graph/edges.ts';
import { nameOf } from '../inventory/kubernetes/types.ts';
import { type Workload, workloadName } from '../inventory/kubernetes/workloads.ts';
import { daprChannel } from '../inventory/traffic/dapr.ts';
import { endpointsOf, hasReadyEndpoints } from '../inventory/traffic/endpoint-slices.ts';
import { queueBindings } from '../inventory/traffic/queues.ts';
import { type Found, type Judgement, reasons } from './communication-patterns/reasons.ts';
import { defineCheck, notApplicable, unread } from './define/define-check.ts';
import { unclearClass } from './define/unclear-class.ts';

/** Calls that it declares and nobody could answer, and, where it was generated, calls that it makes and does not declare. */
function judgeCalls(component: Component, workload: Workload, facts: Facts): Found[] {
  const { claimed, evidence } = declaredAnnotation(workload, annotation.calls);
  const edges = facts.edgesFrom(component);
  const isUsed = (name: string): boolean =>
    edges.some(({ host, to }) => host.split('.')[0] === name || to?.name === name);
  const contradicted = claimed.flatMap((name): Found[] => {
    const { kind } = facts.resolve(name, undefined, component.namespace);
    if (isUsed(name)) return [];
    if (kind === 'unread')
      return [unread([`what gives the name ${name}`], 'Nobody can say whether what it declares exists')];
    return kind !== 'absent'
      ? []
      : [
          {
            status: 'fail',
            reason: 'CLAIM_CONTRADICTED',
            message: `it declares that it calls ${name}, and there is no such Service, nor a setting that leads to one`,
            evidence: [evidence(name)],
            fix: `Deploy ${name}, set its address, or correct ${annotation.calls}.`,
            key: name,
          },
        ];
  });
  if (workload.podAnnotations[annotation.calls] === undefined) return contradicted;
  const undeclared = new Map(
    edges.flatMap((edge) =>
      edge.style === 'sync' &&
      edge.to &&
      !edge.offered &&
      !claimed.includes(edge.to.name) &&
      !claimed.includes(edge.host)
        ? [[edge.to.name, edge.evidence] as const]
        : [],
    ),
  );
  return [
    ...contradicted,
    ...[...undeclared].map(
      ([name, at]): Found => ({
        status: 'note',
        reason: 'CALL_NOT_DECLARED',
        message: `its settings lead to ${name}, and what it declares (${annotation.calls}) does not`,
        evidence: [at],
        fix: `Declare it: msvc add-client ${name}, or add it to ${annotation.calls}.`,
        key: name,
      }),
    ),
  ];
}

/** Messages that it declares, without a broker to carry them. */
function judgeMessages(component: Component, workload: Workload, facts: Facts): Found[] {
  const { claimed, evidence } = [annotation.publishes, annotation.subscribes]
    .map((key) => declaredAnnotation(workload, key))
    .find((claim) => claim.claimed.length > 0) ?? { claimed: [], evidence: () => ({ object: '' }) };
  if (claimed.length === 0) return [];
  const brokers = facts.edgesFrom(component).filter(({ style }) => style === 'async');
  if (facts.hiddenFrom(component, [], 'business').length > 0) return [];
  const gone = brokers.find(({ destination }) => destination === 'absent' || destination === 'no-port');
  const found = brokers.some((edge) => edge !== gone && edge.destination !== 'absent');
  if (found) return [];
  // In code that nobody generated, and in a Secret, an address would not be visible.
  const { secrets, missing } = facts.configuration(component);
  const generated = workload.podAnnotations[annotation.generator] !== undefined;
  if (!gone && (!generated || secrets.length > 0 || missing.length > 0)) return [];
  return [
    {
      status: 'fail',
      reason: 'CLAIM_CONTRADICTED',
      message: `it declares messages (${claimed.join(', ')}), and ${
        gone ? `the broker that it is told to use (${gone.host}) does not exist` : 'no setting of it leads to a broker'
      }`,
      evidence: [evidence(claimed.join(', ')), ...(gone ? [gone.evidence] : [])],
      fix: 'Set the address of a broker that runs, or correct what it declares.',
      key: 'messages',
    },
  ];
}

/** What it declares of itself, against what is there. */
const judgeClaims = (component: Component, facts: Facts): Found[] =>
  component.workloads.flatMap((workload) => [
    ...judgeCalls(component, workload, facts),
    ...judgeMessages(component, workload, facts),
  ]);

function judge(component: Component, facts: Facts): Judgement {
  const classification = facts.classOf(component);
  if (classification.class !== 'application')
    return notApplicable(
      'NOT_AN_APPLICATION',
      `a ${classification.class === 'store' ? 'data store' : 'broker'}: channels are chosen by the services that use it`,
    );
  const findings: Found[] = judgeClaims(component, facts);
  if (!classification.certain) findings.push(unclearClass(component, facts));
  const evidence: Evidence[] = [];
  const channels: string[] = [];
  let observed = false;
  for (const service of component.services) {
    const ports = service.spec.ports ?? [];
    if (ports.length === 0 || hasReadyEndpoints(facts, service) !== true) continue;
    observed = true;
    const speaks = [...new Set(ports.map((port) => protocolOf(port) ?? 'tcp'))].join(', ');
    channels.push(`offers ${speaks} synchronously`);
    evidence.push({ object: nameOf(service), path: 'spec.ports', value: ports.map(({ port }) => port).join(', ') });
    break;
  }
  const dapr = daprChannel(component);
  if (dapr) {
    channels.push(`offers ${dapr.protocol} synchronously through Dapr, as ${dapr.id}`);
    evidence.push(dapr.evidence);
  }
  const edges = facts
    .edgesFrom(component)
    .filter(
      ({ style, destination, offered }) =>
        style !== 'platform' && destination !== 'absent' && destination !== 'unread' && !offered,
    );
  for (const style of ['sync', 'async'] as const) {
    const own = edges.filter((edge) => edge.style === style);
    if (own.length === 0) continue;
    const targets = [...new Set(own.map(({ to, host }) => to?.name ?? host))].sort();
    channels.push(`${style === 'sync' ? 'calls' : 'exchanges messages through'} ${targets.join(', ')}`);
    evidence.push(...own.slice(0, 6).map((edge) => edge.evidence));
  }
  const wired = edges.some(
    ({ style, service }) => style === 'async' && service && endpointsOf(facts, service).ready > 0,
  );
  for (const binding of queueBindings(component, facts)) {
    channels.push(binding.what);
    evidence.push(binding.evidence);
  }
  const shared = sharingOf(component, facts).filter(({ kind }) => kind === 'database');
  if (shared.length > 0)
    channels.push(`shares a database with ${shared.map((sharing) => sharing.with.name).join(', ')}`);
  for (const sharing of shared) {
    const database = sharing.secret
      ? `the database that the Secret ${sharing.secret.name} names`
      : `one database of ${sharing.store}`;
    findings.push({
      status: 'warn',
      reason: 'DATA_THROUGH_A_STORE',
      message: `it and ${sharing.with.name} both use ${database}: what one writes there the other can read, with neither contract nor style`,
      evidence: sharing.evidence,
      fix: 'Exchange it by a call or an event that has a contract.',
      key: sharing.with.name,
    });
  }
  if (channels.length === 0) {
    const gaps = facts.hiddenFrom(component, ['services', 'endpointslices.discovery.k8s.io', 'configmaps'], 'business');
    findings.push(
      gaps.length > 0
        ? unread(gaps, 'No channel of it is visible')
        : {
            status: 'unknown',
            reason: 'NO_CHANNEL_VISIBLE',
            message:
              'no channel of it is visible: no Service with ready endpoints, no address of a service or broker in its settings; what stands in its code or in Secrets cannot be seen',
            evidence: component.workloads.map((workload) => ({
              object: workloadName(workload),
              path: `${workload.specPath}.containers[*].env`,
            })),
            fix: 'Offer it through a Service, or give it the addresses it uses as plain settings.',
          },
    );
  } else {
    const gaps = facts.hiddenFrom(component, ['services', 'configmaps'], 'business');
    if (gaps.length > 0) findings.push(unread(gaps, 'Not every channel is visible'));
  }
  return {
    level: observed ? 'observed' : wired || channels.length > 0 ? 'wired' : 'none',
    reason: 'CHANNELS_KNOWN',
    message: channels.join('; '),
    evidence,
    findings,
  };
}

export default defineCheck({
  id: 'communication-patterns',
  title: 'Communication patterns chosen (sync/async)',
  item: 'Communication patterns chosen (sync/async)',
  heading: { long: 'comms', short: 'comms' },
  reads: {
    needs: ['services', 'endpointslices.discovery.k8s.io', 'configmaps'],
    uses: [
      'pods',
      'deployments.apps',
      'statefulsets.apps',
      'scaledobjects.keda.sh',
      'subscriptions.dapr.io',
      'triggers.eventing.knative.dev',
      'subscriptions.messaging.knative.dev',
    ],
  },
  verdicts: ['pass', 'warn', 'fail', 'unknown', 'n-a'],
  reasons,
  docs: {
    why: 'Whether a caller waits for an answer or leaves a message decides what happens when the other side is slow or down. It should be a choice, and one that others can see.',
    judges:
      'Pass: every channel that it offers or uses is declared and its style known: a Service port with ready endpoints is a synchronous one, as is an app-id with an app-port of Dapr, an address of a broker, a queue trigger or a subscription an asynchronous one. Warn: it uses a database that another service uses too. Addresses of a list that several are given whole are no channels. Fail: it declares a call or messages (msvc.dev/calls, publishes, subscribes) that the cluster contradicts. Unknown: no channel is visible at all.',
    wrongWhen:
      'Whether a synchronous call should be a message is a judgement about the business that the cluster cannot show: read the list of calls in the evidence. Addresses in code and Secrets are not visible. Redis may be a cache or a queue.',
    fix: 'Let commands that need an answer be calls, and side effects (mail, invoices, indexing) messages; offer ports by a Service with an appProtocol or a named port, and give brokers’ addresses as plain settings.',
  },
  judge,
});
