import { annotation } from '../../../marks.ts';
import { breakerParts } from '../../inventory/breakers/index.ts';
import { namedBy, type OwnBreaker, ownBreakers, technologyOf } from '../../inventory/breakers/own.ts';
import { namesIn } from '../../inventory/declared/annotation-list.ts';
import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { gapsText } from '../define/define-check.ts';
import { namesOf, straightNames, targetOf } from './calls.ts';
import type { GuardedCall } from './guarded-calls.ts';
import type { Found } from './reasons.ts';

const isGenerated = (component: Component): boolean =>
  component.workloads.some(({ podAnnotations }) => podAnnotations[annotation.generator] !== undefined);

/** Breakers that its metrics tell of and that name none of its calls, nor anything else that it uses. */
function unnamedBreakers(component: Component, calls: readonly GuardedCall[], facts: Facts): OwnBreaker[] {
  const edges = [...calls.map(({ edge }) => edge), ...facts.edgesFrom(component)];
  return ownBreakers(component, facts).filter(
    (breaker) => breaker.state !== 'off' && namedBy(breaker, edges).length === 0,
  );
}

/** Its metrics were read whole: what they do not tell of is not there. */
const metricsRead = (component: Component, facts: Facts): boolean =>
  facts
    .observations(component)
    .some(({ answers, breakers }) => breakers && answers.some(({ purpose, cut }) => purpose === 'metrics' && !cut));

/** What the pods that were asked declare to call: during a rollout the template is ahead of them. */
function claimsOfAsked(component: Component, facts: Facts): ReadonlySet<string> {
  const asked = new Set(facts.observations(component).map(({ pod }) => pod));
  const pods = component.workloads.flatMap((workload) => workload.pods);
  return new Set(
    pods
      .filter(({ metadata }) => asked.has(metadata.name))
      .flatMap(({ metadata }) => namesIn(metadata.annotations?.[annotation.calls])),
  );
}

/** Clients that msvc generated tell of their breakers from the start: where one does not, there is none. */
function judgeMissing(component: Component, open: readonly GuardedCall[], facts: Facts): Found[] {
  if (!isGenerated(component) || !metricsRead(component, facts)) return [];
  const claims = claimsOfAsked(component, facts);
  return open
    .filter(({ edge }) => claims.has(targetOf(edge)) || claims.has(edge.host))
    .map(({ edge }) => ({
      status: 'fail',
      reason: 'NO_BREAKER_SHOWN',
      message: `it calls ${targetOf(edge)}, and its metrics tell of no breaker for that, as clients that msvc generates do`,
      evidence: [edge.evidence],
      fix: `Call ${targetOf(edge)} by the client of that name in src/clients/ (msvc add-client ${targetOf(edge)}).`,
      key: targetOf(edge),
    }));
}

/** It has breakers of its own, as many as calls are open, and they bear names of their own choice. */
const ownGuard = (open: readonly GuardedCall[], unnamed: readonly OwnBreaker[]): Found => ({
  status: 'note',
  reason: 'BREAKER_NAMES_NO_TARGET',
  message: `its metrics tell of breakers of its own (${shownNames(unnamed)}), whose names do not say that they guard its calls to ${namesOf(open.map(({ edge }) => edge))}`,
  evidence: unnamed.map(({ object, metric, name }) => ({ object, path: metric, value: name })),
  fix: 'Name each breaker after the service that it guards.',
});

const shownNames = (breakers: readonly OwnBreaker[]): string =>
  [...new Set(breakers.map((breaker) => `${technologyOf(breaker)} ${breaker.name}`))].slice(0, 5).join(', ');

/** Calls that nothing in the cluster guards, told together. */
export function judgeOpenCalls(component: Component, calls: readonly GuardedCall[], facts: Facts): Found[] {
  const open = calls.filter(({ state }) => state === 'open');
  if (open.length === 0) return [];
  const missing = judgeMissing(component, open, facts);
  const rest = open.filter(({ edge }) => !missing.some(({ key }) => key === targetOf(edge)));
  if (rest.length === 0) return missing;
  const unnamed = unnamedBreakers(component, calls, facts);
  if (new Set(unnamed.map(({ name }) => name)).size >= rest.length) return [...missing, ownGuard(rest, unnamed)];
  return [...missing, openTogether(component, rest, calls, unnamed, facts)];
}

function openTogether(
  component: Component,
  rest: readonly GuardedCall[],
  calls: readonly GuardedCall[],
  unnamed: readonly OwnBreaker[],
  facts: Facts,
): Found {
  const open = rest.map(({ edge }) => edge);
  const gaps = facts.ledger.gaps(breakerParts, component.namespace);
  const certain = open.filter(({ offered }) => !offered);
  const told = certain.length > 0 ? certain : open;
  const targets = straightNames(
    told,
    calls.map(({ edge }) => edge),
  );
  const others = namesOf(certain.length > 0 ? open.filter(({ offered }) => offered) : []);
  const maybe = others && ` (it may also call ${others}, of a list that several are given)`;
  const its = certain.length > 0 ? 'its calls' : 'calls that it may make';
  const some = certain.length > 0 && open.length < calls.length && gaps.length === 0 && unnamed.length === 0;
  return {
    status: some ? 'warn' : 'unknown',
    reason: some ? 'SOME_CALLS_UNGUARDED' : gaps.length > 0 ? 'NOT_READ' : 'MAY_BE_IN_CODE',
    message: some
      ? `nothing in the cluster guards its calls to ${targets}${maybe}, while others are guarded`
      : `no policy guards ${its} to ${targets}${maybe}; ${inItsCode(component, unnamed, facts)}${gaps.length > 0 ? ` (not read: ${gapsText(gaps)})` : ''}`,
    evidence: told.map(({ evidence }) => evidence),
    fix: 'Put a breaker in the client (msvc add-client makes one), or a policy of the mesh (Istio outlierDetection, Linkerd failure-accrual) on each target.',
    ...(gaps.length > 0 ? { gaps } : {}),
  };
}

/** What is known of breakers in its code. */
function inItsCode(component: Component, unnamed: readonly OwnBreaker[], facts: Facts): string {
  if (unnamed.length > 0)
    return `its metrics tell of fewer breakers than it makes calls (${shownNames(unnamed)}), and their names do not say whose they are`;
  if (metricsRead(component, facts)) return 'its metrics tell of none, and one in its code need not be in them';
  const asked = facts.observations(component).flatMap(({ answers }) => answers.map(({ purpose }) => purpose));
  if (asked.includes('nowhere') && !asked.includes('metrics'))
    return 'a breaker in its code would show in its metrics, and nothing declares where those are (annotations prometheus.io/scrape and port, a ServiceMonitor, a PodMonitor)';
  return isGenerated(component)
    ? 'the clients that msvc generated for it have breakers, which only a probe could prove (--probe)'
    : 'a breaker in its code would not be visible';
}
