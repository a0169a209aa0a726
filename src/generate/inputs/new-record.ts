import type { FeatureManifest } from '../manifest.ts';
import { type Answers, type PackageManager, recordSchema, type ServiceRecord } from '../record.ts';
import { checkAnswers } from './answers.ts';
import { closeOverRequired, findFeature } from './features.ts';
import { checkServiceName } from './names.ts';
import { checkField, defaultContext, defaultDescription, defaultOwner } from './service-fields.ts';

/** What a person wants; everything absent gets its default. */
export interface NewService {
  name: string;
  description?: string | undefined;
  context?: string | undefined;
  owner?: string | undefined;
  packageManager: PackageManager;
  /** Feature id → answers; those that they require need not be listed. */
  features: Readonly<Record<string, Answers>>;
}

/**
 * The record of a new service. `generator` is the version of the templates. Add instances with `withInstance`.
 *
 * @throws UserError where a value cannot be: INVALID_NAME, INVALID_VALUE, UNKNOWN_FEATURE, FEATURES_CONFLICT, …
 */
export function newRecord(wanted: NewService, generator: string, manifests: readonly FeatureManifest[]): ServiceRecord {
  const name = checkServiceName(wanted.name);
  const context = checkField('context', wanted.context ?? defaultContext(name));
  return {
    schema: recordSchema,
    generator,
    name,
    description: checkField('description', wanted.description ?? defaultDescription(name)),
    context,
    owner: checkField('owner', wanted.owner ?? defaultOwner(context)),
    packageManager: wanted.packageManager,
    features: answersOf(wanted.features, manifests),
    instances: {},
  };
}

/** Answers of the given features and of all that they require, by id in sorted order. */
export function answersOf(
  given: Readonly<Record<string, Answers>>,
  manifests: readonly FeatureManifest[],
): ServiceRecord['features'] {
  const ids = closeOverRequired(Object.keys(given), manifests);
  return Object.fromEntries(ids.map((id) => [id, checkAnswers(findFeature(id, manifests).questions, given[id] ?? {})]));
}
