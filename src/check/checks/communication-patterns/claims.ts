import { annotation } from '../../../marks.ts';
import { declaredAnnotation } from '../../inventory/declared/annotation-list.ts';
import type { Facts } from '../../inventory/facts.ts';
import type { Component } from '../../inventory/graph/components.ts';
import type { Workload } from '../../inventory/kubernetes/workloads.ts';
import { behind } from '../../inventory/ledger.ts';
import { unread } from '../define/define-check.ts';
import type { Found } from './reasons.ts';

/** Calls that it declares and nobody could answer, and, where it was generated, calls that it makes and does not declare. */
function judgeCalls(component: Component, workload: Workload, facts: Facts): Found[] {
  const { claimed, evidence } = declaredAnnotation(workload, annotation.calls);
  const edges = facts.edgesFrom(component);
  const isUsed = (name: string): boolean =>
    edges.some(({ host, to }) => host.split('.')[0] === name || to?.name === name);
  const contradicted = claimed.flatMap((name): Found[] => {
    const { kind } = facts.resolve(name, undefined, component.namespace);
    if (isUsed(name)) return [];
    if (kind === 'unread') return [unread([behind(name)], 'Nobody can say whether what it declares exists')];
    return kind !== 'absent'
      ? []
      : [
          {
            status: 'fail',
            reason: 'CLAIM_CONTRADICTED',
            message: `it declares that it calls ${name}, and there is no such Service, nor a setting that leads to one`,
            evidence: [evidence(name)],
            fix: `Deploy ${name}, set its address, or correct ${annotation.calls}.`,
            key: name,
          },
        ];
  });
  if (workload.podAnnotations[annotation.calls] === undefined) return contradicted;
  const undeclared = new Map(
    edges.flatMap((edge) =>
      edge.style === 'sync' &&
      edge.to &&
      !edge.offered &&
      !claimed.includes(edge.to.name) &&
      !claimed.includes(edge.host)
        ? [[edge.to.name, edge.evidence] as const]
        : [],
    ),
  );
  return [
    ...contradicted,
    ...[...undeclared].map(
      ([name, at]): Found => ({
        status: 'note',
        reason: 'CALL_NOT_DECLARED',
        message: `its settings lead to ${name}, and what it declares (${annotation.calls}) does not`,
        evidence: [at],
        fix: `Declare it: msvc add-client ${name}, or add it to ${annotation.calls}.`,
        key: name,
      }),
    ),
  ];
}

/** Messages that it declares, without a broker to carry them. */
function judgeMessages(component: Component, workload: Workload, facts: Facts): Found[] {
  const { claimed, evidence } = [annotation.publishes, annotation.subscribes]
    .map((key) => declaredAnnotation(workload, key))
    .find((claim) => claim.claimed.length > 0) ?? { claimed: [], evidence: () => ({ object: '' }) };
  if (claimed.length === 0) return [];
  const brokers = facts.edgesFrom(component).filter(({ style }) => style === 'async');
  if (facts.hiddenFrom(component, [], 'business').length > 0) return [];
  const gone = brokers.find(({ destination }) => destination === 'absent' || destination === 'no-port');
  const found = brokers.some((edge) => edge !== gone && edge.destination !== 'absent');
  if (found) return [];
  // In code that nobody generated, and in a Secret, an address would not be visible.
  const { secrets, missing } = facts.configuration(component);
  const generated = workload.podAnnotations[annotation.generator] !== undefined;
  if (!gone && (!generated || secrets.length > 0 || missing.length > 0)) return [];
  return [
    {
      status: 'fail',
      reason: 'CLAIM_CONTRADICTED',
      message: `it declares messages (${claimed.join(', ')}), and ${
        gone ? `the broker that it is told to use (${gone.host}) does not exist` : 'no setting of it leads to a broker'
      }`,
      evidence: [evidence(claimed.join(', ')), ...(gone ? [gone.evidence] : [])],
      fix: 'Set the address of a broker that runs, or correct what it declares.',
      key: 'messages',
    },
  ];
}

/** What it declares of itself, against what is there. */
export const judgeClaims = (component: Component, facts: Facts): Found[] =>
  component.workloads.flatMap((workload) => [
    ...judgeCalls(component, workload, facts),
    ...judgeMessages(component, workload, facts),
  ]);
