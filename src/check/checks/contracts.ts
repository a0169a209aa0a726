import type { Evidence, PodObservation, ProbeAnswer } from '../contract.ts';
import type { Facts } from '../inventory/facts.ts';
import type { Component } from '../inventory/graph/components.ts';
import { answersTo, observedName } from '../inventory/kubernetes/observed-pods.ts';
import { type Found, type Judgement, reasons } from './contracts/reasons.ts';
import { decidedBy, defineCheck, notApplicable } from './define/define-check.ts';
import { withOtherPods } from './define/other-pods.ts';

const names = { openapi: 'OpenAPI', swagger: 'Swagger', asyncapi: 'AsyncAPI' } as const;

const evidenceOf = (one: PodObservation, { request, status, outcome }: ProbeAnswer): Evidence => ({
  object: observedName(one),
  path: request,
  value: status === undefined ? outcome : String(status),
});

/** What it showed, by the first of its pods that showed one. */
function ofDocument(seen: readonly PodObservation[], evidence: Evidence[]): Judgement | undefined {
  const found = seen.flatMap(({ contract }) => contract ?? []);
  const best = found.find(({ version }) => version) ?? found[0];
  if (!best) return undefined;
  const what = names[best.format];
  if (best.version)
    return {
      level: 'observed',
      reason: 'CONTRACT_SERVED',
      message: `it serves a contract (${what}) of version ${best.version}`,
      evidence,
    };
  return decidedBy<Found['reason']>([
    {
      status: 'warn',
      reason: 'CONTRACT_WITHOUT_VERSION',
      message: `it serves a contract (${what}) that names no version: nobody can tell what changed`,
      evidence,
      fix: 'Set info.version, and raise it with each change of the contract.',
    },
  ]);
}

/** Why nobody knows, of what was asked. */
function unknownOf({ status }: ProbeAnswer): Pick<Found, 'reason' | 'message' | 'fix'> {
  if (status === 401 || status === 403)
    return {
      reason: 'CONTRACT_LOCKED',
      message: `what answers for its contract wants to know who asks (${status})`,
      fix: 'Serve the contract to everybody who can reach the service, or look at it where it is kept.',
    };
  return {
    reason: 'CONTRACT_NOT_FOUND',
    message:
      'no contract was found where it was looked for: it may be elsewhere, or be kept in a repository or registry',
    fix: 'Serve it at /openapi.json (or asyncapi), with info.version.',
  };
}

function judge(component: Component, facts: Facts): Judgement | undefined {
  if (facts.classOf(component).class !== 'application')
    return notApplicable('NOT_AN_APPLICATION', 'a data store or broker: its protocol is its contract');
  const seen = facts.observations(component);
  const asked = seen.flatMap((one) =>
    answersTo('contract', one).map((answer) => ({ answer, evidence: evidenceOf(one, answer) })),
  );
  const found = ofDocument(
    seen,
    asked.map(({ evidence }) => evidence),
  );
  const [first] = asked;
  if (found) return withOtherPods(found, component, facts);
  if (!first) return undefined;
  return decidedBy<Found['reason']>([
    { status: 'unknown', ...unknownOf(first.answer), evidence: [first.evidence], atWorst: 'warn' },
  ]);
}

export default defineCheck({
  id: 'contracts',
  title: 'Contracts are served, with a version',
  item: 'Define clear contracts',
  kind: 'practice',
  heading: { long: 'contracts', short: 'contr' },
  shownBy: 'running pods that are asked for their contract (--probe)',
  reads: { needs: [], uses: ['pods', 'services', 'configmaps'] },
  verdicts: ['pass', 'warn', 'unknown', 'n-a'],
  reasons,
  docs: {
    why: 'Who calls a service without a contract finds out in production what it takes. With one that has a version, a change that breaks somebody is seen before it is released.',
    judges:
      'Where pods were asked for one contract document (OpenAPI, Swagger, AsyncAPI); else it is not looked at, and in no count. Pass: one is served, and names its version. Warn: one without. Unknown: it wants to know who asks or is not where it was looked for. A pod that a mesh, a network or a missing right keeps away shows nothing. Never a fail: a contract may be kept elsewhere.',
    wrongWhen:
      'Contracts in a repository, a registry of schemas or behind gRPC reflection are not seen. A version that nobody raises is a version all the same.',
    fix: 'Serve the contract with info.version, keep it beside the code, and compare it with the last release in the pipeline, as generated services do (npm run contract).',
  },
  judge,
});
