/**
 * Something that a check reads, named as kubectl names resources: `pods`, `deployments.apps`,
 * `destinationrules.networking.istio.io`. Every part is a row of the resource table in `sources/`.
 */
export type Part = string;
