import type { FeatureManifest } from '../manifest.ts';
import type { ServiceRecord } from '../record.ts';
import { nameForms } from './name-forms.ts';

/** What production needs now and did not need before, one line each. */
export function productionNeeds(
  before: ServiceRecord,
  after: ServiceRecord,
  manifests: readonly FeatureManifest[],
): string[] {
  const had = new Set(needsOf(before, manifests));
  return needsOf(after, manifests).filter((need) => !had.has(need));
}

function needsOf({ name, features, instances }: ServiceRecord, manifests: readonly FeatureManifest[]): string[] {
  const fill = (text: string, instance = ''): string =>
    text
      .replaceAll('{service}', name)
      .replaceAll('{name}', instance)
      .replaceAll('{NAME}', nameForms(instance).constant);
  return manifests
    .filter(({ id }) => Object.hasOwn(features, id))
    .flatMap(({ production, instances: kind }) => [
      ...(production === undefined ? [] : [fill(production)]),
      ...(kind?.production === undefined
        ? []
        : (instances[kind.kind] ?? []).map((one) => fill(kind.production as string, one.name))),
    ]);
}
