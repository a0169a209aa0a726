import { UserError } from '../../errors.ts';
import type { FeatureManifest } from '../plan/template-set.ts';
import type { Answers, Instance, ServiceRecord } from '../record.ts';
import { checkAnswers } from './answers.ts';
import { featureOfKind } from './features.ts';
import { checkInstanceName } from './names.ts';
import { answersOf } from './new-record.ts';

/**
 * The record with one more feature and everything it requires. One that the service has already gets the new answers,
 * or stays as it is where none are given.
 */
export function withFeature(
  record: ServiceRecord,
  id: string,
  answers: Answers,
  manifests: readonly FeatureManifest[],
): ServiceRecord {
  const given = { ...record.features, [id]: { ...record.features[id], ...answers } };
  return { ...record, features: answersOf(given, manifests) };
}

/**
 * The record with one more instance, its feature and everything that requires. UserError `NAME_TAKEN` where one of
 * that kind has the name already.
 */
export function withInstance(
  record: ServiceRecord,
  kind: string,
  instance: Instance,
  manifests: readonly FeatureManifest[],
): ServiceRecord {
  const { id, instances } = featureOfKind(kind, manifests);
  const { name, ...given } = instance;
  checkInstanceName(name, instances.noun);
  const present = record.instances[kind] ?? [];
  if (present.some((other) => other.name === name)) {
    throw new UserError({
      code: 'NAME_TAKEN',
      what: `${record.name} already has a ${instances.noun} "${name}"`,
      why: `The name of a ${instances.noun} is the name of its files.`,
      fix: `Choose another name, for example: ${name}-2`,
    });
  }
  const added: Instance = { ...checkAnswers(instances.questions, given), name };
  const all = [...present, added].sort((a, b) => (a.name < b.name ? -1 : 1));
  return { ...withFeature(record, id, {}, manifests), instances: { ...record.instances, [kind]: all } };
}
