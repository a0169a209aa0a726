import { annotation } from '../../marks.ts';
import type { Evidence } from '../contract.ts';
import { declaredAnnotation } from '../inventory/declared/annotation-list.ts';
import type { Facts } from '../inventory/facts.ts';
import type { Component } from '../inventory/graph/components.ts';
import { type Redelivery, redeliveriesTo, redeliveryGaps, redeliveryParts } from '../inventory/traffic/redelivery.ts';
import { isWritten } from '../inventory/written.ts';
import { decidedBy, defineCheck, notApplicable, unread } from './define/define-check.ts';
import { type Found, type Judgement, reasons } from './idempotency/reasons.ts';

/**
 * The inbox that every generated service has which handles events. The mark alone is a claim: its settings must lead to a broker
 * that brings events and to a store that remembers them.
 */
function inboxOf(component: Component, facts: Facts): Evidence[] | undefined {
  const marked = component.workloads.flatMap((workload) => {
    const { claimed, evidence } = declaredAnnotation(workload, annotation.subscribes);
    const isGenerated = workload.podAnnotations[annotation.generator] !== undefined;
    return isGenerated && claimed.length > 0 ? [evidence(claimed.join(', '))] : [];
  });
  const edges = facts.edgesFrom(component).filter(({ destination, offered }) => destination === 'service' && !offered);
  const broker = edges.find(({ style }) => style === 'async');
  const store = edges.find(({ style }) => style === 'store');
  return marked.length > 0 && broker && store ? [...marked, broker.evidence, store.evidence] : undefined;
}

const fixes = {
  lost: 'Set spec.delivery.deadLetterSink, here or on its broker or channel, and look at what arrives there.',
  unclear: 'Give the reading account list rights on brokers and channels of Knative (msvc check-cluster --print-rbac).',
};

function foundIn({ state, by, what, evidence }: Redelivery): Found[] {
  if (state === 'lost')
    return [{ status: 'warn', reason: 'NO_DEAD_LETTERS', message: what, evidence, fix: fixes.lost, key: by }];
  if (state !== 'unclear') return [];
  return [
    {
      status: 'unknown',
      reason: 'DEAD_LETTERS_UNCLEAR',
      message: what,
      evidence,
      fix: fixes.unclear,
      key: by,
      atWorst: 'warn',
    },
  ];
}

function judge(component: Component, facts: Facts): Judgement | undefined {
  if (facts.classOf(component).class !== 'application')
    return notApplicable('NOT_AN_APPLICATION', 'a data store or broker: whoever uses it has to handle copies');
  const inbox = inboxOf(component, facts);
  if (inbox)
    return {
      level: 'wired',
      reason: 'INBOX',
      message: 'it was generated with an inbox, and its settings lead to the broker and the store that this needs',
      evidence: inbox,
    };
  const redeliveries = redeliveriesTo(component, facts);
  const [first] = redeliveries;
  const gaps = redeliveryGaps(component, facts);
  const hidden: Found[] =
    gaps.length > 0 ? [{ ...unread(gaps, 'Nobody can say how its messages are brought again'), atWorst: 'warn' }] : [];
  // Files that hold no consumer are no list that was refused.
  if (!first) return hidden.length > 0 && !isWritten(facts) ? decidedBy(hidden) : undefined;
  const best = redeliveries.find(({ state }) => state === 'deduplicated') ?? first;
  return {
    level: 'wired',
    reason: best.state === 'deduplicated' ? 'DEDUPLICATED' : 'DEAD_LETTERS',
    message: best.what,
    evidence: best.evidence,
    findings: [...redeliveries.flatMap(foundIn), ...hidden],
  };
}

export default defineCheck({
  id: 'idempotency',
  title: 'Duplicates are handled',
  item: 'Implement idempotency',
  kind: 'practice',
  heading: { long: 'idempotent', short: 'idem' },
  shownBy: 'what brings its messages (JetStream, Knative), or the marks of a generated service',
  reads: { needs: [], uses: ['pods', 'services', 'configmaps', ...redeliveryParts] },
  verdicts: ['pass', 'warn', 'unknown', 'n-a'],
  reasons,
  docs: {
    why: 'A message that was handled and not acknowledged comes again, and so does a request whose answer was lost. Who charges a card or ships an order twice for that has a fault that no test on one machine shows.',
    judges:
      'Where something shows it; else it is not looked at, and in no count. Pass: a generated service with events whose settings lead to its broker and its store (its inbox handles each event once); a JetStream stream with a duplicateWindow whose consumer acknowledges explicitly; a Knative Trigger or Subscription with a dead letter sink. Warn: Knative retries what failed and drops it in the end. Never a fail. A JetStream consumer is a service’s own by the subjects that it declares (msvc.dev/subscribes).',
    wrongWhen:
      'That a broker drops copies says nothing of those that it makes itself by bringing a message again: whether the handler takes those is in its code, and not visible. Idempotency keys of HTTP requests are not visible either.',
    fix: 'Remember the id of what was handled in the transaction of its effects (msvc add-event does), take Idempotency-Key on requests that change something, and keep what cannot be handled as a dead letter.',
  },
  judge,
});
