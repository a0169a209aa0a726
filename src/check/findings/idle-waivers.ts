import { ignorePrefix } from '../../marks.ts';
import type { CheckResult, Finding, IdleWaiver } from '../contract.ts';
import type { Facts } from '../inventory/facts.ts';
import type { Component } from '../inventory/graph/components.ts';
import { text } from '../inventory/kubernetes/fields.ts';
import { nameOf } from '../inventory/kubernetes/types.ts';
import { matchesRule, type WaiverRule } from './waivers.ts';

const mayBeWaived = ({ status }: Finding): boolean => status !== 'note';

/** What of the rules this run could have matched: whoever looks at a part of a system proves nothing about the rest. */
const isWithin = ({ namespace }: WaiverRule, scope: readonly string[] | null): boolean =>
  scope === null || (namespace !== undefined && scope.includes(namespace));

/** Rules that waive nothing: they ended, or what they accept is not there any more. */
export function idleRules(
  rules: readonly WaiverRule[],
  results: readonly CheckResult[],
  run: { today: string; checkIds: readonly string[]; scope: readonly string[] | null; isPart: boolean },
): IdleWaiver[] {
  return rules.flatMap((rule): IdleWaiver[] => {
    const { check, why, source, expires } = rule;
    if (!run.checkIds.includes(check)) return [];
    const matched = results.some((result) =>
      result.findings.some((finding) => mayBeWaived(finding) && matchesRule(rule, result, finding)),
    );
    if (expires !== undefined && expires < run.today)
      return [
        { check, why, source, because: `ended on ${expires}${matched ? ', so what it waived counts again' : ''}` },
      ];
    if (matched || run.isPart || !isWithin(rule, run.scope)) return [];
    return [{ check, why, source, because: 'matches nothing that was found' }];
  });
}

/** Annotations that waive nothing: without a reason, of a check that there is not, or of one that found nothing. */
export function idleAnnotations(
  facts: Facts,
  results: readonly CheckResult[],
  checkIds: { all: readonly string[]; chosen: readonly string[] },
): IdleWaiver[] {
  const found = new Set(
    results.flatMap(({ check, subject, findings }) =>
      findings.some(mayBeWaived) ? [`${check} ${subject.kind} ${subject.namespace ?? ''}/${subject.name}`] : [],
    ),
  );
  return facts.subjects.flatMap((component) =>
    annotationsOf(component).flatMap(({ source, check, why }): IdleWaiver[] => {
      const idle = (because: string): IdleWaiver[] => [{ check, why, source: `annotation on ${source}`, because }];
      if (!checkIds.all.includes(check)) return idle('names no check');
      if (why === '') return idle('gives no reason, so it waives nothing');
      if (!checkIds.chosen.includes(check)) return [];
      return found.has(`${check} ${component.subject.kind} ${component.key}`)
        ? []
        : idle('matches nothing that was found');
    }),
  );
}

function annotationsOf({ services, workloads }: Component): { source: string; check: string; why: string }[] {
  const holders = [
    ...services.map((service) => ({ source: nameOf(service), annotations: service.metadata.annotations ?? {} })),
    ...workloads.map(({ kind, namespace, name, annotations, podAnnotations }) => ({
      source: `${kind} ${namespace}/${name}`,
      annotations: { ...podAnnotations, ...annotations },
    })),
  ];
  return holders.flatMap(({ source, annotations }) =>
    Object.entries(annotations)
      .filter(([name]) => name.startsWith(ignorePrefix))
      .map(([name, why]) => ({ source, check: name.slice(ignorePrefix.length), why: (text(why) ?? '').trim() })),
  );
}
