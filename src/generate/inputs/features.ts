import { UserError } from '../../errors.ts';
import { harmlessLine } from '../../harmless.ts';
import { nearest } from '../../nearest.ts';
import type { FeatureManifest } from '../manifest.ts';

/** The manifest of a feature. @throws UserError UNKNOWN_FEATURE with the nearest known one */
export function findFeature(id: string, manifests: readonly FeatureManifest[]): FeatureManifest {
  const found = manifests.find((manifest) => manifest.id === id);
  if (found) return found;
  const ids = manifests.map((manifest) => manifest.id).sort();
  const meant = nearest(id, ids);
  throw new UserError({
    code: 'UNKNOWN_FEATURE',
    what: `There is no feature "${harmlessLine(id)}"`,
    why: ids.length > 0 ? `Known are: ${ids.join(', ')}.` : 'These templates have no features.',
    fix: meant ? `Did you mean ${meant}?` : 'Choose one of those.',
  });
}

/** The feature whose instances are of this kind. @throws UserError UNKNOWN_KIND */
export function featureOfKind(
  kind: string,
  manifests: readonly FeatureManifest[],
): FeatureManifest & Required<Pick<FeatureManifest, 'instances'>> {
  const found = manifests.find((manifest) => manifest.instances?.kind === kind);
  if (found?.instances) return { ...found, instances: found.instances };
  throw new UserError({
    code: 'UNKNOWN_KIND',
    what: `There are no ${harmlessLine(kind)} in these templates`,
    why: 'No feature has instances of that kind.',
    fix: 'Update create-microservice, or correct .msvc/service.json.',
  });
}

/**
 * Feature ids with everything that they require, sorted.
 *
 * @throws UserError UNKNOWN_FEATURE, or FEATURES_CONFLICT where two of them cannot be together
 */
export function closeOverRequired(ids: readonly string[], manifests: readonly FeatureManifest[]): string[] {
  const all = new Map<string, FeatureManifest>();
  const add = (id: string): void => {
    if (all.has(id)) return;
    const manifest = findFeature(id, manifests);
    all.set(id, manifest);
    manifest.requires.forEach(add);
  };
  ids.forEach(add);
  for (const { id, conflicts } of all.values()) {
    const other = conflicts.find((conflict) => all.has(conflict));
    if (other === undefined) continue;
    throw new UserError({
      code: 'FEATURES_CONFLICT',
      what: `${id} and ${other} cannot be in one service`,
      why: `The feature ${id} excludes ${other}.`,
      fix: `Leave out ${id} or ${other}.`,
    });
  }
  return [...all.keys()].sort();
}
