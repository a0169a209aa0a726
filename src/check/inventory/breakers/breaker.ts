import type { Evidence } from '../../contract.ts';
import type { Facts } from '../facts.ts';
import type { Edge } from '../graph.ts';
import type { MeshKind } from '../mesh.ts';
import type { Part } from '../part.ts';

/** Something that guards the calls of one edge. */
export interface Breaker {
  technology: string;
  /** trips: opens after failures · limits: timeouts, retries, connection limits. */
  kind: 'trips' | 'limits';
  /** Why it does nothing, where it does nothing. */
  inert?: string;
  /** Whether it is in force could not be seen: no pod of the caller was read. */
  unclear?: true;
  evidence: Evidence;
}

/** One technology: what it reads, and what of it guards an edge. */
export interface BreakerTechnology {
  name: string;
  /** It works in the caller's proxy: without one it does nothing. */
  mesh?: MeshKind;
  parts: readonly Part[];
  guards(edge: Edge, facts: Facts): Breaker[];
}
