import type { FeatureManifest } from '../manifest.ts';
import type { Instance, ServiceRecord } from '../record.ts';
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
      ...(kind ? (instances[kind.kind] ?? []) : []).flatMap((one) => {
        const need = neededBy(kind as Instances, one);
        return need === undefined ? [] : [fill(need, one.name)];
      }),
    ]);
}

type Instances = Required<FeatureManifest>['instances'];

/** By what was answered, else as any of its kind. */
function neededBy({ questions, production }: Instances, instance: Instance): string | undefined {
  const chosen = questions.flatMap(({ name, choices = [] }) => choices.filter(({ value }) => value === instance[name]));
  return chosen.find((choice) => choice.production !== undefined)?.production ?? production;
}
