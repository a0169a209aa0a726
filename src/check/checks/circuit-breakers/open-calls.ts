import { annotation } from '../../../marks.ts';
import { breakerParts } from '../../inventory/breakers/index.ts';
import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import { gapsText } from '../define/define-check.ts';
import { namesOf, straightNames } from './calls.ts';
import type { GuardedCall } from './guarded-calls.ts';
import type { Found } from './reasons.ts';

const isGenerated = (component: Component): boolean =>
  component.workloads.some(({ podAnnotations }) => podAnnotations[annotation.generator] !== undefined);

/** Calls that nothing in the cluster guards, told together. */
export function judgeOpenCalls(component: Component, calls: readonly GuardedCall[], facts: Facts): Found[] {
  const open = calls.filter(({ state }) => state === 'open').map(({ edge }) => edge);
  if (open.length === 0) return [];
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
  const some = certain.length > 0 && open.length < calls.length && gaps.length === 0;
  return [
    {
      status: some ? 'warn' : 'unknown',
      reason: some ? 'SOME_CALLS_UNGUARDED' : gaps.length > 0 ? 'NOT_READ' : 'MAY_BE_IN_CODE',
      message: some
        ? `nothing in the cluster guards its calls to ${targets}${maybe}, while others are guarded`
        : `no policy guards ${its} to ${targets}${maybe}; ${isGenerated(component) ? 'the clients that msvc generated for it have breakers, which only a probe could prove' : 'a breaker in its code would not be visible'}${gaps.length > 0 ? ` (not read: ${gapsText(gaps)})` : ''}`,
      evidence: told.map(({ evidence }) => evidence),
      fix: 'Put a breaker in the client (msvc add-client makes one), or a policy of the mesh (Istio outlierDetection, Linkerd failure-accrual) on each target.',
      ...(gaps.length > 0 ? { gaps } : {}),
    },
  ];
}
