import type { Gap } from '../../contract.ts';
import { behind } from '../../inventory/ledger.ts';
import type { DirectExposure } from '../../inventory/traffic/exposure.ts';
import type { OwnGateway } from '../../inventory/traffic/own-gateway.ts';
import { unread } from '../define/define-check.ts';
import { patchOf } from '../define/patch.ts';
import type { Found } from './reasons.ts';

const namesOf = (exposures: readonly DirectExposure[]): string => exposures.map(({ how }) => how).join(' and ');
const evidenceOf = (exposures: readonly DirectExposure[]) => exposures.map(({ evidence }) => evidence);

/** What closes the only door, where that is the type of a Service. */
function closing([door, another]: readonly DirectExposure[]): { patch?: string } {
  return door?.service && !another ? { patch: patchOf(door.service, { spec: { type: 'ClusterIP' } }) } : {};
}

/** Doors past a gateway, or without one. `beside`: a route leads to it too; `gaps`: what could tell otherwise was not read. */
function judgeDoors(doors: readonly DirectExposure[], beside: boolean, gaps: readonly Gap[]): Found[] {
  if (doors.length === 0) return [];
  const how = namesOf(doors);
  const evidence = evidenceOf(doors);
  if (gaps.length > 0)
    return [unread(gaps, `It is reached directly (${how}); whether also through a gateway, or as one itself`)];
  if (beside)
    return [
      {
        status: 'warn',
        reason: 'BYPASS',
        message: `a gateway leads to it, and ${how} leads past that gateway`,
        evidence,
        fix: 'Make its Services ClusterIP, so that the gateway is the only way in.',
        ...closing(doors),
      },
    ];
  return doors.every(({ kind }) => kind === 'internal')
    ? [
        {
          status: 'warn',
          reason: 'INTERNAL_BALANCER',
          message: `${how} leads straight to its pods from the private network: no gateway checks, limits or records what comes in`,
          evidence,
          fix: 'Let those callers come through an internal Ingress or Gateway, and make its Services ClusterIP.',
        },
      ]
    : [
        {
          status: 'fail',
          reason: 'EXPOSED_DIRECTLY',
          message: `${how} leads straight to its pods: no gateway checks, limits or records what comes in`,
          evidence,
          fix: 'Put an Ingress or Gateway route before it and, when that serves it, make its Services ClusterIP.',
          ...closing(doors),
        },
      ];
}

/** Ways in with no gateway before them. */
export function judgeExposures(exposures: readonly DirectExposure[], beside: boolean, gaps: readonly Gap[]): Found[] {
  const unclear = exposures.filter(({ kind }) => kind === 'unclear');
  const foreign = exposures.filter(({ kind }) => kind === 'not-http');
  const doors = exposures.filter(({ kind }) => kind === 'open' || kind === 'internal');
  const later = exposures.filter(({ kind }) => kind === 'later');
  const found = judgeDoors(doors, beside, gaps);
  if (later.length > 0)
    found.push({
      status: 'unknown',
      reason: 'PLACEHOLDER',
      message: `whether it is reached from outside is filled in later (${namesOf(later)})`,
      evidence: evidenceOf(later),
    });
  if (unclear.length > 0)
    found.push({
      ...unread(
        [
          { resource: 'ingressclasses.networking.k8s.io', outcome: 'skipped' },
          { resource: 'gatewayclasses.gateway.networking.k8s.io', outcome: 'skipped' },
        ],
        `Nobody can say whether ${namesOf(unclear)} belongs to the balancer of its route`,
      ),
      evidence: evidenceOf(unclear),
    });
  if (foreign.length > 0)
    found.push({
      status: 'note',
      reason: 'NOT_FOR_HTTP',
      message: `${namesOf(foreign)} lets in what no Ingress or HTTP route can carry`,
      evidence: evidenceOf(foreign),
      fix: 'Keep it to those who need it: loadBalancerSourceRanges, network policies.',
    });
  return found;
}

/** An application that is a gateway itself is meant to be reached; what it leads to may not be visible. */
export function judgeOwnGateway(
  { technology, routesTo, unread: hidden, maybe, evidence }: OwnGateway,
  gaps: readonly Gap[],
): Found[] {
  if (routesTo.length > 0 && !maybe) return [];
  const lost = [...gaps, ...(hidden ? [behind('its routes')] : [])];
  if (lost.length > 0)
    return [
      { ...unread(lost, `It looks like a gateway (${technology}); where its routes lead`), evidence: [evidence] },
    ];
  const what = routesTo.length > 0 ? `routes to ${routesTo.join(', ')} stand in ${evidence.object}` : '';
  return [
    {
      status: 'warn',
      reason: 'GATEWAY_NOT_PROVEN',
      message: what
        ? `it looks like a gateway (${technology}: ${what}), and whether it is one for everything that comes in cannot be seen`
        : `it looks like a gateway (${technology}), and no route of it to a Service is visible`,
      evidence: [evidence],
      fix: 'Mount its routes from a ConfigMap, or put an Ingress or Gateway route before it and make its Services ClusterIP.',
    },
  ];
}
