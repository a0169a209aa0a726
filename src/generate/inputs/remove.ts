import { UserError } from '../../errors.ts';
import { harmlessLine } from '../../harmless.ts';
import { nearest } from '../../nearest.ts';
import type { FeatureManifest } from '../manifest.ts';
import type { Answers, ServiceRecord } from '../record.ts';
import { placesOf, requiredByAnswers } from './change-record.ts';
import { featureOfKind, findFeature } from './features.ts';

type Manifests = readonly FeatureManifest[];

/**
 * The record without one instance. Its feature stays: others of its kind may come, and what the feature brought is of
 * use without one.
 *
 * @throws UserError NO_SUCH_INSTANCE with the nearest that there is, IN_USE where another instance names it
 */
export function withoutInstance(
  record: ServiceRecord,
  kind: string,
  name: string,
  manifests: Manifests,
): ServiceRecord {
  const { noun } = featureOfKind(kind, manifests).instances;
  const present = record.instances[kind] ?? [];
  if (!present.some((one) => one.name === name))
    throw noSuch(
      noun,
      name,
      present.map((one) => one.name),
    );
  const users = usersOf(kind, name, record, manifests);
  if (users.length > 0) throw inUse(`the ${noun} "${name}"`, users);
  return { ...record, instances: { ...record.instances, [kind]: present.filter((one) => one.name !== name) } };
}

/**
 * The record without one feature, and without those that only came with it.
 *
 * @throws UserError NO_SUCH_FEATURE, IN_USE where another feature or an instance needs it
 */
export function withoutFeature(record: ServiceRecord, id: string, manifests: Manifests): ServiceRecord {
  const { instances } = findFeature(id, manifests);
  if (!Object.hasOwn(record.features, id)) throw noSuch('feature', id, Object.keys(record.features));
  const own = (instances && record.instances[instances.kind]) ?? [];
  const users = [
    ...needing(id, Object.keys(record.features), record, manifests),
    ...own.map(({ name }) => `the ${instances?.noun} "${name}"`),
  ];
  if (users.length > 0) throw inUse(`the feature "${id}"`, users);
  const kinds = Object.entries(record.instances).filter(([kind]) => kind !== instances?.kind);
  return withoutLeftovers(
    { ...record, features: without(record.features, id), instances: Object.fromEntries(kinds) },
    manifests,
  );
}

const without = (features: ServiceRecord['features'], id: string): Record<string, Answers> =>
  Object.fromEntries(Object.entries(features).filter(([other]) => other !== id));

/** Features that nobody asks for by name go with the last that required them. */
function withoutLeftovers(record: ServiceRecord, manifests: Manifests): ServiceRecord {
  const ids = Object.keys(record.features);
  const leftover = ids.find((id) => {
    const { selectable, instances } = findFeature(id, manifests);
    const isPart = !selectable && !instances && manifests.some(({ requires }) => requires.includes(id));
    return isPart && needing(id, ids, record, manifests).length === 0;
  });
  if (leftover === undefined) return record;
  return withoutLeftovers({ ...record, features: without(record.features, leftover) }, manifests);
}

/** Features that require it, and instances whose answers do. */
const needing = (id: string, ids: readonly string[], record: ServiceRecord, manifests: Manifests): string[] => [
  ...ids
    .filter((other) => findFeature(other, manifests).requires.includes(id))
    .map((other) => `the feature "${other}"`),
  ...Object.entries(record.instances).flatMap(([kind, all]) => {
    const { noun, questions } = featureOfKind(kind, manifests).instances;
    return all
      .filter((one) => requiredByAnswers(questions, one).includes(id))
      .map(({ name }) => `the ${noun} "${name}"`);
  }),
];

/** Instances that name this one after an @. */
const usersOf = (kind: string, name: string, record: ServiceRecord, manifests: Manifests): string[] =>
  Object.entries(record.instances).flatMap(([other, all]) => {
    const { noun, questions } = featureOfKind(other, manifests).instances;
    return all
      .filter((one) => placesOf(questions, one).some((place) => place.kind === kind && place.instance.name === name))
      .map((one) => `the ${noun} "${one.name}"`);
  });

function noSuch(noun: string, name: string, present: readonly string[]): UserError {
  const meant = nearest(name, present);
  return new UserError({
    code: noun === 'feature' ? 'NO_SUCH_FEATURE' : 'NO_SUCH_INSTANCE',
    what: `There is no ${noun} "${harmlessLine(name)}" in this service`,
    why: present.length > 0 ? `It has: ${present.join(', ')}.` : `It has no ${noun}.`,
    fix: meant ? `Did you mean ${meant}?` : 'Name one of those that .msvc/service.json lists.',
  });
}

const inUse = (what: string, users: readonly string[]): UserError =>
  new UserError({
    code: 'IN_USE',
    what: `${what.charAt(0).toUpperCase()}${what.slice(1)} cannot be removed yet`,
    why: `It is needed by ${users.join(', ')}.`,
    fix: `Remove ${users.length > 1 ? 'those' : users[0]} first.`,
  });
