import { UserError } from '../../errors.ts';
import type { FeatureManifest, Question } from '../manifest.ts';
import type { Answers, Instance, ServiceRecord } from '../record.ts';
import { checkAnswers } from './answers.ts';
import { featureOfKind, findFeature } from './features.ts';
import { placesIn } from './list.ts';
import { nameForms } from './name-forms.ts';
import { checkInstanceName, withArticle } from './names.ts';
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
 * The record with one more instance, its feature and everything that requires.
 *
 * @throws UserError NAME_TAKEN where one of that kind has the name already
 */
export function withInstance(
  record: ServiceRecord,
  kind: string,
  instance: Instance,
  manifests: readonly FeatureManifest[],
): ServiceRecord {
  const { id, instances } = featureOfKind(kind, manifests);
  const { name, ...given } = instance;
  checkInstanceName(name, instances);
  const taken = takenBy(record, instances, name);
  if (taken) throw new UserError({ code: 'NAME_TAKEN', ...taken, fix: `Choose another name, for example: ${name}-2` });
  const present = record.instances[kind] ?? [];
  const added: Instance = { ...checkAnswers(instances.questions, given), name };
  const all = [...present, added].sort((a, b) => (a.name < b.name ? -1 : 1));
  const needed = requiredByAnswers(instances.questions, added).reduce(
    (changed, feature) => withFeature(changed, feature, {}, manifests),
    withFeature(record, id, {}, manifests),
  );
  const complete = placesOf(instances.questions, added).reduce(
    (changed, place) => (has(changed, place) ? changed : withInstance(changed, place.kind, place.instance, manifests)),
    needed,
  );
  return { ...complete, instances: { ...complete.instances, [kind]: all } };
}

/** Which instance of that kind has the name already, or one that is the same in code, and why that matters. */
export function takenBy(
  record: ServiceRecord,
  { kind, noun }: Pick<Required<FeatureManifest>['instances'], 'kind' | 'noun'>,
  name: string,
): { what: string; why: string } | undefined {
  const { camel } = nameForms(name);
  const present = record.instances[kind] ?? [];
  const other = present.find((one) => one.name === name) ?? present.find((one) => nameForms(one.name).camel === camel);
  if (!other) return undefined;
  const what = `${record.name} already has ${withArticle(noun)} "${other.name}"`;
  const isSame = other.name === name;
  return {
    what,
    why: isSame
      ? `The name of ${withArticle(noun)} is the name of its files.`
      : `In code both would be called ${camel}.`,
  };
}

/**
 * The record with an instance that is made from a contract: a new one, or one that it has, with its other answers as they
 * are.
 */
export function withContract(
  record: ServiceRecord,
  kind: string,
  { name, ...answers }: Instance,
  manifests: readonly FeatureManifest[],
): ServiceRecord {
  const present = record.instances[kind] ?? [];
  if (!present.some((one) => one.name === name)) return withInstance(record, kind, { ...answers, name }, manifests);
  const all = present.map((one) => (one.name === name ? { ...one, ...answers, name } : one));
  const { instances } = featureOfKind(kind, manifests);
  return requiredByAnswers(instances.questions, answers).reduce(
    (changed, feature) => withFeature(changed, feature, {}, manifests),
    { ...record, instances: { ...record.instances, [kind]: all } },
  );
}

interface Place {
  kind: string;
  instance: Instance;
}

/** The instances that the answers name after an @; the service itself is none. */
export const placesOf = (questions: readonly Question[], answers: Answers): Place[] =>
  questions.flatMap(({ name, at }) =>
    at === undefined
      ? []
      : placesIn(answers[name] as readonly string[]).map((place) => ({ kind: at, instance: { name: place } })),
  );

const has = ({ instances }: ServiceRecord, { kind, instance }: Place): boolean =>
  (instances[kind] ?? []).some(({ name }) => name === instance.name);

/** Features that the chosen answers need. */
export const requiredByAnswers = (questions: readonly Question[], answers: Answers): string[] =>
  questions.flatMap(({ name, choices = [] }) =>
    choices.filter(({ value }) => value === answers[name]).flatMap(({ requires = [] }) => requires),
  );

/** Answers to the questions that are still asked; new questions get their defaults. */
const answersToday = (questions: readonly Question[], answers: Answers): Answers =>
  checkAnswers(
    questions,
    Object.fromEntries(Object.entries(answers).filter(([name]) => questions.some((q) => q.name === name))),
  );

/**
 * A record as these templates ask for it: features that are now required, also by answers, defaults of new questions,
 * without answers that nobody asks for any more.
 *
 * @throws UserError where it has a feature or a kind that they do not know
 */
export function currentRecord(
  record: ServiceRecord,
  generator: string,
  manifests: readonly FeatureManifest[],
): ServiceRecord {
  const features = Object.entries(record.features).map(([id, answers]): [string, Answers] => [
    id,
    answersToday(findFeature(id, manifests).questions, answers),
  ]);
  const needed: [string, Answers][] = [];
  const instances = Object.entries(record.instances).map(([kind, all]): [string, Instance[]] => {
    const { questions } = featureOfKind(kind, manifests).instances;
    const today = all.map(({ name, ...answers }) => ({ ...answersToday(questions, answers), name }));
    for (const one of today) for (const id of requiredByAnswers(questions, one)) needed.push([id, {}]);
    return [kind, today];
  });
  return {
    ...record,
    generator,
    features: answersOf(Object.fromEntries([...needed, ...features]), manifests),
    instances: Object.fromEntries(instances),
  };
}
