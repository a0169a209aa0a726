import type { Facts } from './facts.ts';
import type { Component } from './graph/components.ts';
import type { Labels } from './kubernetes/selectors.ts';

/** `app=orders,tier!=cache,!canary,team`: each must hold. */
export type LabelSelector = readonly ((labels: Labels) => boolean)[];

/** @returns undefined where the text is no selector. */
export function parseSelector(text: string): LabelSelector | undefined {
  const tests: ((labels: Labels) => boolean)[] = [];
  for (const part of text.split(',')) {
    const match = /^\s*(!?)([A-Za-z0-9][\w./-]*)\s*(?:(==?|!=)\s*([\w.-]*))?\s*$/.exec(part);
    const [, not, key = '', operator, value = ''] = match ?? [];
    if (!match || (not && operator)) return undefined;
    if (operator === undefined) tests.push((labels) => Object.hasOwn(labels, key) !== (not === '!'));
    else if (operator === '!=') tests.push((labels) => labels[key] !== value);
    else tests.push((labels) => labels[key] === value);
  }
  return tests;
}

/** Narrows what is judged to Services or workloads with these labels. */
export function selectSubjects(facts: Facts, selector: LabelSelector): Facts {
  const fits = (labels: Labels): boolean => selector.every((test) => test(labels));
  const chosen = (component: Component): boolean =>
    component.services.some(({ metadata }) => fits(metadata.labels ?? {})) ||
    component.workloads.some(({ labels, podLabels }) => fits(labels) || fits(podLabels));
  return { ...facts, subjects: facts.subjects.filter(chosen) };
}
