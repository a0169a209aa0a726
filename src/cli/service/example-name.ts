import type { FeatureManifest } from '../../generate/manifest.ts';

/** A name to show for an instance of this kind, and what Enter takes where one is asked. */
export const exampleName = ({ noun, example }: Required<FeatureManifest>['instances']): string =>
  example ?? (noun === 'client' ? 'payments' : `my-${noun}`);
