import { annotation } from '../../../marks.ts';
import type { Evidence, Gap } from '../../contract.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import { amount, at, text, texts } from '../kubernetes/fields.ts';
import { nameOf } from '../kubernetes/types.ts';

/** How what carries messages to a component treats one that comes twice, or fails. */
export interface Redelivery {
  /**
   * deduplicated: a copy is dropped before it comes · kept: what fails comes again, and is put aside in the end · lost:
   * what fails comes again, and is gone in the end · unclear: whether it is put aside could not be read.
   */
  state: 'deduplicated' | 'kept' | 'lost' | 'unclear';
  /** "Consumer shop/orders" */
  by: string;
  what: string;
  evidence: Evidence[];
}

const streams = 'streams.jetstream.nats.io';
const consumers = 'consumers.jetstream.nats.io';
const brokers = 'brokers.eventing.knative.dev';
const triggers = 'triggers.eventing.knative.dev';
const channels = 'channels.messaging.knative.dev';
const subscriptions = 'subscriptions.messaging.knative.dev';

export const redeliveryParts = [streams, consumers, brokers, triggers, channels, subscriptions];

/** What is declared of the messages that a component takes; where nothing ties it to an object, nothing. */
export const redeliveriesTo = (component: Component, facts: Facts): Redelivery[] => [
  ...byJetStream(component, facts),
  ...byKnative(component, facts),
];

/** Lists that may hold more of it. */
export const redeliveryGaps = (component: Component, facts: Facts): Gap[] => [
  ...facts.ledger.gaps([consumers, triggers, subscriptions], component.namespace),
  ...(consumersOf(component, facts).length > 0 ? facts.ledger.gaps([streams], component.namespace) : []),
];

/** Whether a subject is one of those that a filter of NATS lets through: `*` is one word, `>` the rest. */
function isFiltered(filter: string, subject: string): boolean {
  const [wanted, given] = [filter.split('.'), subject.split('.')];
  const rest = wanted.indexOf('>');
  if (rest >= 0 ? given.length <= rest : given.length !== wanted.length) return false;
  return wanted.every(
    (word, index) => word === '*' || word === '>' || (rest >= 0 && index > rest) || word === given[index],
  );
}

/** Consumers that it takes messages of, by the subjects that it declares. */
function consumersOf(component: Component, facts: Facts): KubeObject[] {
  const own = facts.list(consumers).filter(({ metadata }) => metadata.namespace === component.namespace);
  if (own.length === 0) return [];
  const isUser = facts
    .edgesFrom(component)
    .some(({ style, destination }) => style === 'async' && destination !== 'absent');
  const subjects = isUser
    ? component.workloads.flatMap(({ podAnnotations }) =>
        (podAnnotations[annotation.subscribes] ?? '').split(/[,\s]+/).filter(Boolean),
      )
    : [];
  return own.filter((consumer) => {
    const spec = consumer['spec'];
    const filters = [text(at(spec, 'filterSubject')) ?? [], ...texts(at(spec, 'filterSubjects'))].flat();
    return filters.some((filter) => subjects.some((subject) => isFiltered(filter, subject)));
  });
}

function byJetStream(component: Component, facts: Facts): Redelivery[] {
  return consumersOf(component, facts).flatMap((consumer): Redelivery[] => {
    if (at(consumer, 'spec', 'ackPolicy') !== 'explicit') return [];
    const stream = facts
      .list(streams)
      .find(
        (each) =>
          each.metadata.namespace === consumer.metadata.namespace &&
          at(each, 'spec', 'name') === at(consumer, 'spec', 'streamName'),
      );
    const window = text(at(stream, 'spec', 'duplicateWindow'));
    if (!stream || !window || /^0+[a-z]*$/.test(window)) return [];
    return [
      {
        state: 'deduplicated',
        by: nameOf(consumer),
        what: `${nameOf(stream)} drops a message that is sent twice within ${window}, and ${nameOf(consumer)} waits for each to be acknowledged`,
        evidence: [
          { object: nameOf(stream), path: 'spec.duplicateWindow', value: window },
          { object: nameOf(consumer), path: 'spec.ackPolicy', value: 'explicit' },
        ],
      },
    ];
  });
}

interface Source {
  part: string;
  /** What it is an end of, which has settings for all of its ends. */
  of: string;
  name(object: KubeObject): string | undefined;
}

const sources: readonly Source[] = [
  { part: triggers, of: brokers, name: (object) => text(at(object, 'spec', 'broker')) },
  { part: subscriptions, of: channels, name: (object) => text(at(object, 'spec', 'channel', 'name')) },
];

function byKnative(component: Component, facts: Facts): Redelivery[] {
  const names = new Set([
    ...component.workloads.map(({ name }) => name),
    ...component.services.map(({ metadata }) => metadata.name),
  ]);
  return sources.flatMap((source) =>
    facts
      .list(source.part)
      .filter((object) => {
        const ref = at(object, 'spec', 'subscriber', 'ref');
        const namespace = text(at(ref, 'namespace')) ?? object.metadata.namespace;
        return namespace === component.namespace && names.has(text(at(ref, 'name')) ?? '');
      })
      .flatMap((object) => deliveryOf(object, source, facts)),
  );
}

function deliveryOf(object: KubeObject, { of, name }: Source, facts: Facts): Redelivery[] {
  const above = facts
    .list(of)
    .find(({ metadata }) => metadata.namespace === object.metadata.namespace && metadata.name === name(object));
  const has = (one: KubeObject | undefined, field: string) => at(one, 'spec', 'delivery', field) !== undefined;
  const sink = [object, above].find((one) => has(one, 'deadLetterSink'));
  const retrying = [object, above].find((one) => (amount(at(one, 'spec', 'delivery', 'retry')) ?? 0) > 0);
  if (sink)
    return [
      {
        state: 'kept',
        by: nameOf(object),
        what: `${nameOf(object)} sends what it cannot take to where dead letters are kept`,
        evidence: [{ object: nameOf(sink), path: 'spec.delivery.deadLetterSink' }],
      },
    ];
  if (!retrying) return [];
  const isUnread = !above && facts.ledger.gaps([of], object.metadata.namespace).length > 0;
  const path = 'spec.delivery.retry';
  return [
    {
      state: isUnread ? 'unclear' : 'lost',
      by: nameOf(object),
      what: isUnread
        ? `${nameOf(object)} brings what failed again, and whether it is kept in the end stands in an object that could not be read`
        : `${nameOf(object)} brings what failed again, and drops it in the end: no dead letters are kept`,
      evidence: [{ object: nameOf(retrying), path, value: String(amount(at(retrying, 'spec', 'delivery', 'retry'))) }],
    },
  ];
}
