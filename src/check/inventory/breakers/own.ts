import type { ObservedBreaker } from '../../contract.ts';
import type { Facts } from '../facts.ts';
import type { Component } from '../graph/components.ts';
import type { Edge } from '../graph/edges.ts';
import { observedName } from '../kubernetes/observed-pods.ts';
import { memoizeByIdentity } from '../memoize.ts';
import { perRun } from '../per-run.ts';
import type { Breaker, BreakerTechnology } from './breaker.ts';

/** A breaker of a service's own, and the pod whose metrics tell of it. */
export interface OwnBreaker extends ObservedBreaker {
  /** "Pod shop/orders-0" */
  object: string;
}

const called: Readonly<Record<ObservedBreaker['library'], string>> = {
  msvc: 'a breaker of its own',
  opossum: 'opossum',
  resilience4j: 'resilience4j',
  Polly: 'Polly',
  MicroProfile: 'MicroProfile Fault Tolerance',
  Envoy: 'outlier detection of its Envoy',
};

export const technologyOf = ({ library }: ObservedBreaker): string => called[library];

const found = perRun((facts) =>
  memoizeByIdentity((component: Component): readonly OwnBreaker[] =>
    facts
      .observations(component)
      .flatMap((one) => (one.breakers ?? []).map((breaker) => ({ ...breaker, object: observedName(one) }))),
  ),
);

/** Breakers that its pods showed in their metrics. */
export const ownBreakers = (component: Component, facts: Facts): readonly OwnBreaker[] => found(facts)(component);

/** What people put around the name of a target when they name its breaker. */
const around = new Set(
  (
    'client service svc api http https grpc rest feign remote call calls caller circuit breaker circuitbreaker cb ' +
    'resilience policy pipeline standard'
  ).split(' '),
);

/** "PaymentsClient#charge(String)" → payments; the words that remain when nothing else does are the name. */
function words(name: string): string {
  const all = name
    .replace(/[#(].*$/s, '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean);
  const own = all.filter((word) => !around.has(word));
  return (own.length > 0 ? own : all).join(' ');
}

/** Names that one may give to the target of a call: as it is addressed, and as it is called there. */
function namesOf({ host, to, service }: Edge): string[] {
  const { name, namespace } = service?.metadata ?? to ?? { name: host.split('.')[0] ?? host, namespace: undefined };
  return [host, name, ...(namespace ? [`${name}.${namespace}`] : []), ...(to ? [to.name] : [])];
}

/** A cluster of Envoy as Istio names it (`outbound|80||payments.shop.svc.cluster.local`), and addresses, by their host. */
const hostIn = (name: string): string =>
  (name.split('|').at(-1) ?? name)
    .replace(/^[a-z][a-z0-9+.-]*:\/\/([^@/]*@)?/i, '')
    .replace(/[:/].*$/s, '')
    .replace(/\.svc(\.[a-z0-9.-]+)?$/i, '');

const isExact = (breaker: ObservedBreaker, edge: Edge): boolean =>
  namesOf(edge).some((name) => hostIn(name).toLowerCase() === hostIn(breaker.name).toLowerCase());

const isLoose = (breaker: ObservedBreaker, edge: Edge): boolean =>
  words(edge.to?.name ?? edge.host.split('.')[0] ?? '') === words(hostIn(breaker.name));

const targetKey = ({ to, host }: Edge): string => to?.key ?? host;

/**
 * The calls that a breaker names: by the target's own name, or by its words where they mean one target alone. Nothing
 * else says whose breaker it is.
 */
export function namedBy(breaker: ObservedBreaker, edges: readonly Edge[]): Edge[] {
  for (const test of [isExact, isLoose]) {
    const named = edges.filter((edge) => test(breaker, edge));
    if (new Set(named.map(targetKey)).size === 1) return named;
    if (named.length > 0) return [];
  }
  return [];
}

const nowWords: Readonly<Record<NonNullable<ObservedBreaker['state']>, string>> = {
  closed: 'closed',
  'half-open': 'half-open',
  open: 'open',
  off: 'switched off',
};

const breakerOf = ({ object, metric, name, state, ...rest }: OwnBreaker): Breaker => ({
  technology: technologyOf({ ...rest, metric, name }),
  kind: 'trips',
  observed: state ?? true,
  evidence: { object, path: metric, value: state ? `${name}: ${nowWords[state]}` : name },
  ...(state === 'off' ? { inert: 'its metrics say that it is switched off' } : {}),
});

/** What a running pod tells of: nothing is read for it, and nothing hides it. */
export const own: BreakerTechnology = {
  name: 'its own',
  parts: [],
  guards: (edge, facts) => {
    const { from } = edge;
    const shown = ownBreakers(from, facts);
    if (shown.length === 0) return [];
    const all = [...facts.edgesFrom(from).filter((other) => targetKey(other) !== targetKey(edge)), edge];
    return shown.filter((breaker) => namedBy(breaker, all).includes(edge)).map(breakerOf);
  },
};
