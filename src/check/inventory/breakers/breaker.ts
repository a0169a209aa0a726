import type { Evidence, GroupResource, ObservedBreaker } from '../../contract.ts';
import type { KubeObject } from '../../sources/snapshot.ts';
import type { Facts } from '../facts.ts';
import type { Edge } from '../graph/edges.ts';
import { nameOf } from '../kubernetes/types.ts';
import type { MeshKind } from '../technologies/sidecars.ts';

/** Something that guards the calls of one edge. */
export interface Breaker {
  technology: string;
  /** trips: opens after failures · limits: timeouts, retries, connection limits. */
  kind: 'trips' | 'limits';
  /** Why it does nothing, where it does nothing. */
  inert?: string;
  /** Why it guards some of these calls only. */
  partly?: string;
  /** Whether it is in force could not be seen: no pod of the caller was read. */
  unclear?: true;
  /** A running pod told of it: how it stands, where that is told. */
  observed?: NonNullable<ObservedBreaker['state']> | true;
  evidence: Evidence;
}

/** One technology: what it reads, and what of it guards an edge. */
export interface BreakerTechnology {
  name: string;
  /** It works in the caller's proxy: without one it does nothing. */
  mesh?: MeshKind;
  parts: readonly GroupResource[];
  guards(edge: Edge, facts: Facts): Breaker[];
}

export const breakerOf = (
  technology: string,
  kind: Breaker['kind'],
  object: KubeObject,
  path: string,
  state: { inert?: string | undefined; partly?: string | undefined; unclear?: boolean } = {},
): Breaker => ({
  technology,
  kind,
  evidence: { object: nameOf(object), path },
  ...(state.inert ? { inert: state.inert } : {}),
  ...(state.partly ? { partly: state.partly } : {}),
  ...(state.unclear ? { unclear: true } : {}),
});
