import { sharingOf } from '../inventory/data/shared-stores.ts';
import type { Facts } from '../inventory/facts.ts';
import type { Component } from '../inventory/graph/components.ts';
import { workloadName } from '../inventory/kubernetes/workloads.ts';
import { channelsOf } from './communication-patterns/channels.ts';
import { judgeClaims } from './communication-patterns/claims.ts';
import { type Found, type Judgement, reasons } from './communication-patterns/reasons.ts';
import { defineCheck, notApplicable, unread } from './define/define-check.ts';
import { unclearClass } from './define/unclear-class.ts';

/** A database that other applications use too: whose it is, is a matter of boundaries; here it is told beside the channels. */
const judgeSharing = (component: Component, facts: Facts): Found[] =>
  sharingOf(component, facts)
    .filter(({ kind, within }) => kind === 'database' && within !== 'application')
    .map((sharing): Found => {
      const database = sharing.secret
        ? `the database that the Secret ${sharing.secret.name} names`
        : `one database of ${sharing.store}`;
      return {
        status: 'note',
        reason: 'DATA_THROUGH_A_STORE',
        message: `it and ${sharing.with.map(({ name }) => name).join(', ')} use ${database}: what one writes there the others can read, with neither contract nor style`,
        evidence: sharing.evidence,
        fix: 'Exchange it by a call or an event that has a contract.',
        key: [sharing.store, sharing.secret?.key, sharing.within].filter(Boolean).join('/'),
      };
    });

/** Lists that may hold channels and were not read; without any channel, why there is none to see. */
function judgeVisibility(component: Component, facts: Facts, isVisible: boolean): Found[] {
  const parts = ['services', ...(isVisible ? [] : ['endpointslices.discovery.k8s.io']), 'configmaps'];
  const gaps = facts.hiddenFrom(component, parts, 'business');
  if (gaps.length > 0)
    return [unread(gaps, isVisible ? 'Not every channel is visible' : 'No channel of it is visible')];
  if (isVisible) return [];
  return [
    {
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
  ];
}

function judge(component: Component, facts: Facts): Judgement {
  const classification = facts.classOf(component);
  if (classification.class !== 'application')
    return notApplicable(
      'NOT_AN_APPLICATION',
      `a ${classification.class === 'store' ? 'data store' : 'broker'}: channels are chosen by the services that use it`,
    );
  const channels = channelsOf(component, facts);
  return {
    level: channels.some(({ observed }) => observed) ? 'observed' : channels.length > 0 ? 'wired' : 'none',
    reason: 'CHANNELS_KNOWN',
    message: channels.map(({ what }) => what).join('; '),
    evidence: channels.flatMap(({ evidence }) => evidence),
    findings: [
      ...judgeClaims(component, facts),
      ...(classification.certain ? [] : [unclearClass(component, facts)]),
      ...judgeSharing(component, facts),
      ...judgeVisibility(component, facts, channels.length > 0),
    ],
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
  verdicts: ['pass', 'fail', 'unknown', 'n-a'],
  reasons,
  docs: {
    why: 'Whether a caller waits for an answer or leaves a message decides what happens when the other side is slow or down. It should be a choice, and one that others can see.',
    judges:
      'Pass: every channel that it offers or uses is declared and its style known: a Service port with ready endpoints is a synchronous one, as is an app-id with an app-port of Dapr, an address of a broker, a queue trigger or a subscription an asynchronous one. A database that another service uses too is a note: service-boundaries judges it. Addresses of a list that several are given whole are no channels. Fail: it declares a call or messages (msvc.dev/calls, publishes, subscribes) that the cluster contradicts. Unknown: no channel is visible at all.',
    wrongWhen:
      'Whether a synchronous call should be a message is a judgement about the business that the cluster cannot show: read the list of calls in the evidence. Addresses in code and Secrets are not visible. Redis may be a cache or a queue.',
    fix: 'Let commands that need an answer be calls, and side effects (mail, invoices, indexing) messages; offer ports by a Service with an appProtocol or a named port, and give brokers’ addresses as plain settings.',
  },
  judge,
});
