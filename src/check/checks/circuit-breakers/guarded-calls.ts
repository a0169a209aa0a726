import type { Breaker } from '../../inventory/breakers/breaker.ts';
import { breakersOf } from '../../inventory/breakers/index.ts';
import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import type { Edge } from '../../inventory/graph/edges.ts';
import { workloadName } from '../../inventory/kubernetes/workloads.ts';
import { memoizeByIdentity } from '../../inventory/memoize.ts';
import { perRun } from '../../inventory/per-run.ts';
import { callsOf, keyFor, targetOf } from './calls.ts';
import type { Found } from './reasons.ts';

/** open: nothing in the cluster guards it. */
export type State = 'guarded' | 'partly' | 'limited' | 'inert' | 'unclear' | 'open';

const stateOf = (breakers: readonly Breaker[]): State => {
  const live = breakers.filter(({ kind, inert, unclear }) => kind === 'trips' && !inert && !unclear);
  if (live.some(({ partly }) => !partly)) return 'guarded';
  if (breakers.some(({ inert, unclear }) => !inert && unclear)) return 'unclear';
  if (live.length > 0) return 'partly';
  if (breakers.some(({ kind, inert }) => kind === 'trips' && inert)) return 'inert';
  return breakers.some(({ inert }) => !inert) ? 'limited' : 'open';
};

/** A call, what guards it, and what that comes to. */
export interface GuardedCall {
  edge: Edge;
  breakers: readonly Breaker[];
  state: State;
}

function guardedCall(edge: Edge, facts: Facts): GuardedCall {
  const breakers = breakersOf(edge, facts);
  return { edge, breakers, state: stateOf(breakers) };
}

const ofComponents = perRun((facts) =>
  memoizeByIdentity((component: Component): readonly GuardedCall[] =>
    callsOf(component, facts).map((edge) => guardedCall(edge, facts)),
  ),
);

/** Its calls to other services, each with what guards it; one a target. */
export const guardedCalls = (component: Component, facts: Facts): readonly GuardedCall[] =>
  ofComponents(facts)(component);

const inert = ({ edge, breakers }: GuardedCall): Found[] => {
  const breaker = breakers.find((each) => each.inert && each.kind === 'trips');
  return breaker
    ? [
        {
          status: edge.offered ? 'unknown' : 'fail',
          reason: 'CONFIGURED_BUT_INERT',
          message: `calls ${edge.offered ? 'that it may make ' : ''}to ${targetOf(edge)} have a breaker (${breaker.technology}) that does nothing: ${breaker.inert}`,
          evidence: [breaker.evidence, edge.evidence],
          fix: 'Correct it, and see it open in a test with the target down.',
          key: keyFor(edge),
        },
      ]
    : [];
};

const partly = ({ edge, breakers }: GuardedCall): Found[] => {
  const breaker = breakers.find((each) => each.partly && !each.inert);
  return breaker
    ? [
        {
          status: 'warn',
          reason: 'PARTLY_GUARDED',
          message: `calls to ${targetOf(edge)} have a breaker (${breaker.technology}) that guards only some of them: ${breaker.partly}`,
          evidence: [breaker.evidence, edge.evidence],
          fix: 'Make it hold for every call to this target.',
          key: keyFor(edge),
        },
      ]
    : [];
};

/** It does its work right now: somebody wants to know why. */
const isOpen = ({ edge, breakers }: GuardedCall): Found[] =>
  breakers
    .filter(({ observed }) => observed === 'open')
    .slice(0, 1)
    .map(({ evidence }) => ({
      status: 'note',
      reason: 'BREAKER_IS_OPEN',
      message: `the breaker of its calls to ${targetOf(edge)} was open when it was asked: ${targetOf(edge)} fails, or cannot be reached from it`,
      evidence: [evidence],
      fix: `Look at ${targetOf(edge)}, and at what lies between.`,
      key: keyFor(edge),
    }));

/** It trips, and takes the only endpoint there is. */
const oneEndpoint = ({ edge }: GuardedCall): Found[] =>
  edge.to?.workloads.every(({ wanted }) => wanted === 1)
    ? [
        {
          status: 'note',
          reason: 'ONE_ENDPOINT',
          message: `${targetOf(edge)} has one replica: when the breaker takes it out, nothing is left to call`,
          evidence: edge.to.workloads.map((workload) => ({ object: workloadName(workload), path: 'spec.replicas' })),
          fix: `Run two replicas of ${targetOf(edge)}, or have an answer ready for the time it is out.`,
          key: keyFor(edge),
        },
      ]
    : [];

const unclear = ({ edge, breakers }: GuardedCall): Found[] => [
  {
    status: 'unknown',
    reason: 'PROXY_UNSEEN',
    message: `calls to ${targetOf(edge)} have a policy of the mesh, and whether a proxy of it is there to carry it out could not be seen`,
    evidence: breakers.map((breaker) => breaker.evidence),
    fix: 'Look at the containers of a running pod of the caller.',
    key: keyFor(edge),
  },
];

const limited = ({ edge, breakers }: GuardedCall): Found[] => [
  {
    status: 'warn',
    reason: 'LIMITS_ONLY',
    message: `calls to ${targetOf(edge)} have timeouts, retries or connection limits (${[...new Set(breakers.map(({ technology }) => technology))].join(', ')}), and nothing that opens after failures`,
    evidence: breakers.map((breaker) => breaker.evidence),
    fix: 'Add outlier detection (or failure accrual) for this target, or a breaker in the client.',
    key: keyFor(edge),
  },
];

const findings: Readonly<Record<State, (call: GuardedCall) => Found[]>> = {
  guarded: (call) => [...oneEndpoint(call), ...isOpen(call)],
  partly,
  limited,
  inert,
  unclear,
  // Those are told together.
  open: () => [],
};

/** What is to be said of one call. */
export const judgeCall = (call: GuardedCall): Found[] => findings[call.state](call);
