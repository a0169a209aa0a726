import type { Evidence } from '../../contract.ts';
import type { Facts } from '../facts.ts';
import type { Edge } from '../graph.ts';
import type { Part } from '../part.ts';

/** Something that guards the calls of one edge. */
export interface Breaker {
  technology: string;
  /** trips: opens after failures · limits: timeouts, retries, connection limits. */
  kind: 'trips' | 'limits';
  /** Why it does nothing, where it does nothing. */
  inert?: string;
  evidence: Evidence;
}

/** One technology: what it reads, and what of it guards an edge. */
export interface BreakerTechnology {
  name: string;
  parts: readonly Part[];
  guards(edge: Edge, facts: Facts): Breaker[];
}
