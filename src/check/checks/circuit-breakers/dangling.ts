import { appId } from '../../inventory/breakers/dapr.ts';
import { gatewayBreakers } from '../../inventory/breakers/gateways.ts';
import type { Facts } from '../../inventory/facts.ts';
import { at, fields, text } from '../../inventory/kubernetes/fields.ts';
import { nameOf } from '../../inventory/kubernetes/types.ts';
import { workloadParts } from '../../inventory/kubernetes/workloads.ts';
import { isInScope } from '../../inventory/scope.ts';
import type { Dangling } from './reasons.ts';

const namespaceIn = (object: string): string => /^\S+ ([^/]+)\//.exec(object)?.[1] ?? '';

/** Policies of gateways that no route uses or no controller took up. */
const ofGateways = (facts: Facts): Dangling[] =>
  gatewayBreakers(facts).flatMap(({ dangling, evidence, technology }) =>
    dangling && isInScope(namespaceIn(evidence.object), facts)
      ? [
          {
            object: evidence.object,
            reason: 'BREAKER_UNUSED',
            message: `the breaker of ${technology} does nothing: ${dangling}`,
            evidence: [evidence],
            fix: 'Attach it where it is meant to work, or delete it.',
          },
        ]
      : [],
  );

/** Rules of Istio about a host that is no Service. */
const ofIstio = (facts: Facts): Dangling[] =>
  facts.list('destinationrules.networking.istio.io').flatMap((rule) => {
    const namespace = rule.metadata.namespace ?? '';
    const host = text(at(rule, 'spec', 'host'));
    if (!host || !isInScope(namespace, facts)) return [];
    if (facts.resolve(host, undefined, namespace).kind !== 'absent') return [];
    return [
      {
        object: nameOf(rule),
        reason: 'BREAKER_UNUSED',
        message: `${nameOf(rule)} is about ${host}, and there is no such Service`,
        evidence: [{ object: nameOf(rule), path: 'spec.host', value: host }],
        fix: 'Correct spec.host (a short name is one of the rule’s own namespace), or delete the rule.',
      },
    ];
  });

/** Policies of Dapr for an app that nothing runs. */
const ofDapr = (facts: Facts): Dangling[] =>
  facts.list('resiliencies.dapr.io').flatMap((resiliency) => {
    const namespace = resiliency.metadata.namespace ?? '';
    const complete = ['pods', ...workloadParts].every((part) => facts.ledger.complete(part, namespace));
    if (!complete || !isInScope(namespace, facts)) return [];
    const ids = new Set(facts.components.filter((component) => component.namespace === namespace).map(appId));
    return Object.keys(fields(at(resiliency, 'spec', 'targets', 'apps')))
      .filter((target) => !ids.has(target))
      .map((target) => ({
        object: nameOf(resiliency),
        reason: 'BREAKER_UNUSED',
        message: `${nameOf(resiliency)} is about calls to ${target}, and nothing in ${namespace} has that dapr.io/app-id`,
        evidence: [{ object: nameOf(resiliency), path: `spec.targets.apps.${target}` }],
        fix: `Correct the app id, or delete the target.`,
      }));
  });

export const danglingBreakers = (facts: Facts): Dangling[] => [
  ...ofGateways(facts),
  ...ofIstio(facts),
  ...ofDapr(facts),
];
