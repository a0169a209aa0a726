import type { Facts } from '../../inventory/facts.ts';
import { amount, at, text } from '../../inventory/kubernetes/fields.ts';
import { type Workload, workloadName } from '../../inventory/kubernetes/workloads.ts';
import { unread } from '../define/define-check.ts';
import { patchOf } from '../define/patch.ts';
import type { Found } from './reasons.ts';

/** Whether a rollout leaves some of it: only a Deployment can be told to take all. */
export function judgeRollout(workload: Workload, facts: Facts): Found[] {
  const { object, kind, wanted = 1, name: key } = workload;
  if (kind !== 'Deployment') return [];
  if (!object) {
    const gaps = facts.ledger.gaps(['deployments.apps'], workload.namespace);
    return gaps.length > 0
      ? [{ ...unread(gaps, 'Nobody can say what a rollout leaves of it'), key, atWorst: 'warn' }]
      : [];
  }
  const strategy = at(object, 'spec', 'strategy');
  const rolling = {
    patch: patchOf(object, {
      spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } } },
    }),
    fix: 'Replace pods one by one (spec.strategy), or waive this with the reason why two versions must never run at once.',
  };
  const who = workloadName(workload);
  if (text(at(strategy, 'type')) === 'Recreate')
    return [
      {
        status: 'warn',
        reason: 'RECREATES',
        message: `a rollout of ${who} stops every pod before it starts the next: each is an outage`,
        evidence: [{ object: who, path: 'spec.strategy.type', value: 'Recreate' }],
        ...rolling,
        key,
      },
    ];
  const given = at(strategy, 'rollingUpdate', 'maxUnavailable');
  const share = Number(/^(\d{1,3})%$/.exec(text(given) ?? '')?.[1] ?? Number.NaN);
  // Kubernetes rounds the share of pods that may be away down.
  const taken = amount(given) ?? Math.floor((share / 100) * wanted);
  if (!(taken >= wanted && wanted > 0)) return [];
  return [
    {
      status: 'warn',
      reason: 'ROLLOUT_TAKES_ALL',
      message: `a rollout of ${who} may take ${taken} of its ${wanted} ${wanted === 1 ? 'pod' : 'pods'} away at once`,
      evidence: [{ object: who, path: 'spec.strategy.rollingUpdate.maxUnavailable', value: String(given) }],
      ...rolling,
      key,
    },
  ];
}
