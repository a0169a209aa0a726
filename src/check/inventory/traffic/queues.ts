import type { Evidence } from '../../contract.ts';
import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import { at, items, text, texts } from '../kubernetes/fields.ts';
import { nameOf } from '../kubernetes/types.ts';
import { workloadName } from '../kubernetes/workloads.ts';

/** An object that ties a workload to a queue. */
export interface QueueBinding {
  what: string;
  evidence: Evidence;
}

const queueTriggers =
  /kafka|rabbitmq|nats|sqs|servicebus|pubsub|eventhub|kinesis|redis-streams|pulsar|activemq|artemis|stan/;

/** Objects that tie a workload to a queue: a trigger that scales it, a subscription that delivers to it. */
export function queueBindings(component: Component, facts: Facts): QueueBinding[] {
  const names = new Set([
    ...component.workloads.map(({ name }) => name),
    ...component.services.map(({ metadata }) => metadata.name),
  ]);
  const apps = new Set(
    component.workloads.map(({ podAnnotations }) => podAnnotations['dapr.io/app-id']).filter(Boolean),
  );
  const here = (part: string) => facts.list(part).filter(({ metadata }) => metadata.namespace === component.namespace);
  const bindings: QueueBinding[] = [];

  for (const scaled of here('scaledobjects.keda.sh')) {
    const target = at(scaled, 'spec', 'scaleTargetRef');
    const kind = text(at(target, 'kind')) ?? 'Deployment';
    const own = component.workloads.some((workload) => workload.name === at(target, 'name') && workload.kind === kind);
    const trigger = items(at(scaled, 'spec', 'triggers')).find((item) =>
      queueTriggers.test(text(at(item, 'type')) ?? ''),
    );
    if (own && trigger)
      bindings.push({
        what: `takes messages (${text(at(trigger, 'type'))} trigger)`,
        evidence: { object: nameOf(scaled), path: 'spec.triggers', value: text(at(trigger, 'type')) ?? '' },
      });
  }
  for (const part of ['triggers.eventing.knative.dev', 'subscriptions.messaging.knative.dev'])
    for (const trigger of here(part)) {
      const name = text(at(trigger, 'spec', 'subscriber', 'ref', 'name'));
      if (name && names.has(name))
        bindings.push({
          what: `receives events (${trigger.kind} ${trigger.metadata.name})`,
          evidence: { object: nameOf(trigger), path: 'spec.subscriber.ref.name', value: name },
        });
    }
  for (const subscription of here('subscriptions.dapr.io')) {
    const scopes = texts(subscription['scopes']);
    if (apps.size > 0 && scopes.some((scope) => apps.has(scope)))
      bindings.push({
        what: `subscribes to ${text(at(subscription, 'spec', 'topic')) ?? 'a topic'} through Dapr`,
        evidence: {
          object: nameOf(subscription),
          path: 'spec.topic',
          value: text(at(subscription, 'spec', 'topic')) ?? '',
        },
      });
  }
  for (const workload of component.workloads) {
    const claimed = workload.podAnnotations['msvc.dev/subscribes'] ?? workload.podAnnotations['msvc.dev/publishes'];
    const broker = facts.edgesFrom(component).some(({ style }) => style === 'async');
    // A claim alone is not a channel; with a broker's address it names the subjects.
    if (claimed && broker)
      bindings.push({
        what: `subjects ${claimed}`,
        evidence: { object: workloadName(workload), path: 'spec.template.metadata.annotations', value: claimed },
      });
  }
  return bindings;
}
