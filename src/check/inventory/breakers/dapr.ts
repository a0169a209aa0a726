import type { KubeObject } from '../../sources/snapshot.ts';
import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import type { Edge } from '../graph/edges.ts';
import { at, fields, text, texts } from '../kubernetes/fields.ts';
import { nameOf } from '../kubernetes/types.ts';
import { appId } from '../traffic/dapr.ts';
import { type Breaker, type BreakerTechnology, breakerOf } from './breaker.ts';

const part = 'resiliencies.dapr.io';

const concerns = (resiliency: KubeObject, caller: Component, id: string): boolean => {
  const scopes = texts(resiliency['scopes']);
  return resiliency.metadata.namespace === caller.namespace && (scopes.length === 0 || scopes.includes(id));
};

/**
 * Calls that pass through Dapr's sidecar carry the target's id in code. What shows them is a Resiliency that names both
 * ends: the caller among its scopes, the called app among its targets.
 */
export function daprCalls(component: Component, facts: Facts): Edge[] {
  const id = appId(component);
  if (!id) return [];
  return facts.list(part).flatMap((resiliency) => {
    if (!texts(resiliency['scopes']).includes(id) || !concerns(resiliency, component, id)) return [];
    return Object.keys(fields(at(resiliency, 'spec', 'targets', 'apps'))).flatMap((target): Edge[] => {
      const to = facts.components.find((other) => other.namespace === component.namespace && appId(other) === target);
      if (!to || to === component) return [];
      return [
        {
          from: component,
          to,
          ...(to.primaryService ? { service: to.primaryService } : {}),
          destination: 'service',
          style: 'sync',
          protocol: 'dapr',
          host: target,
          setting: '',
          evidence: { object: nameOf(resiliency), path: `spec.targets.apps.${target}` },
        },
      ];
    });
  });
}

/** The sidecar reads policies when it starts: one that is newer than a pod does not reach it. */
function startedBefore(caller: Component, resiliency: KubeObject): string | undefined {
  const made = resiliency.metadata.creationTimestamp;
  const early = caller.workloads
    .flatMap(({ pods }) => pods)
    .find(({ metadata }) => made !== undefined && (metadata.creationTimestamp ?? made) < made);
  return early && `${nameOf(early)} started before it, and Dapr’s sidecar reads it at its start only`;
}

export const dapr: BreakerTechnology = {
  name: 'Dapr',
  mesh: 'dapr',
  parts: [part],
  guards: (edge, facts) => {
    const client = appId(edge.from);
    const target = edge.to && appId(edge.to);
    if (!client || !target) return [];
    return facts.list(part).flatMap((resiliency): Breaker[] => {
      if (!concerns(resiliency, edge.from, client)) return [];
      const policies = fields(at(resiliency, 'spec', 'policies', 'circuitBreakers'));
      const uses = at(resiliency, 'spec', 'targets', 'apps', target);
      const named = text(at(uses, 'circuitBreaker'));
      const standing = ['DefaultAppCircuitBreakerPolicy', 'DefaultCircuitBreakerPolicy'].find((name) =>
        Object.hasOwn(policies, name),
      );
      // An address that passes the sidecar by, of its health for instance: what the policy guards goes another way.
      const passesBy = edge.protocol !== 'dapr';
      const path = `spec.targets.apps.${target}`;
      if (!named && !standing) {
        const limits = at(uses, 'timeout') !== undefined || at(uses, 'retry') !== undefined;
        const idle = Object.keys(policies).length > 0 && !limits;
        if (limits) return passesBy ? [] : [breakerOf('Dapr Resiliency', 'limits', resiliency, path)];
        const inert = `its targets do not use it for ${target}`;
        return idle
          ? [breakerOf('Dapr Resiliency', 'trips', resiliency, 'spec.policies.circuitBreakers', { inert })]
          : [];
      }
      const missing =
        named && !Object.hasOwn(policies, named) ? `it names the policy ${named}, which it does not define` : undefined;
      if (passesBy && !missing) return [];
      const partly = startedBefore(edge.from, resiliency);
      return [breakerOf('Dapr Resiliency', 'trips', resiliency, path, { inert: missing, partly })];
    });
  },
};
