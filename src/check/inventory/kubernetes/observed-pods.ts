import type { PodObservation, ProbeAnswer, ProbePurpose } from '../../contract.ts';

/** As evidence names a pod that was asked: "Pod shop/orders-0". */
export const observedName = ({ namespace, pod }: Pick<PodObservation, 'namespace' | 'pod'>): string =>
  `Pod ${namespace}/${pod}`;

/** What it answered to requests of a purpose. Whoever was not reached, or refused, shows nothing: as if nobody had asked. */
export const answersTo = (purpose: ProbePurpose, { answers }: PodObservation): ProbeAnswer[] =>
  answers.filter((answer) => answer.purpose === purpose && answer.outcome === 'answered');
