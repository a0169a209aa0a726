import type { CheckResult, Evidence, Graph } from '../contract.ts';
import { memoizeByIdentity } from '../inventory/memoize.ts';
import type { Snapshot } from '../sources/snapshot.ts';

type Placed = (evidence: Evidence) => Evidence;

/** Evidence with the file and line that it stands in; what several show is looked up once. */
export const placed = (places: NonNullable<Snapshot['places']>): Placed =>
  memoizeByIdentity((evidence) => {
    const place = places.get(evidence.object);
    return place ? { ...evidence, file: place.file, line: place.line(evidence.path) } : evidence;
  });

/** The same results with places. */
export const withPlaces = (results: readonly CheckResult[], place: Placed): CheckResult[] =>
  results.map((result) => ({
    ...result,
    evidence: result.evidence.map(place),
    findings: result.findings.map((finding) => ({ ...finding, evidence: finding.evidence.map(place) })),
  }));

/** The same graph, likewise. */
export function graphWithPlaces({ nodes, edges, ...rest }: Graph, place: Placed): Graph {
  return {
    nodes: nodes.map((node) => ({
      ...node,
      waysIn: node.waysIn.map((way) => ({ ...way, evidence: place(way.evidence) })),
    })),
    edges: edges.map((edge) => ({
      ...edge,
      ...(edge.breaker ? { breaker: { ...edge.breaker, evidence: edge.breaker.evidence.map(place) } } : {}),
      evidence: edge.evidence.map(place),
    })),
    ...rest,
  };
}
