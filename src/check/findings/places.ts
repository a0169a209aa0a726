import type { CheckResult, Evidence, Graph } from '../contract.ts';
import type { Snapshot } from '../sources/snapshot.ts';

type Places = NonNullable<Snapshot['places']>;

const placed =
  (places: Places) =>
  (evidence: Evidence): Evidence => {
    const place = places.get(evidence.object);
    return place ? { ...evidence, file: place.file, line: place.line(evidence.path) } : evidence;
  };

/** The same results, each piece of evidence with the file and line that it stands in. */
export function withPlaces(results: readonly CheckResult[], places: Places): CheckResult[] {
  const place = placed(places);
  return results.map((result) => ({
    ...result,
    evidence: result.evidence.map(place),
    findings: result.findings.map((finding) => ({ ...finding, evidence: finding.evidence.map(place) })),
  }));
}

/** The same graph, likewise. */
export function graphWithPlaces({ nodes, edges, unseen }: Graph, places: Places): Graph {
  const place = placed(places);
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
    unseen,
  };
}
