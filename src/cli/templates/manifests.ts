import { fileURLToPath } from 'node:url';
import { readTemplates } from '../../generate/files/read-templates.ts';
import type { FeatureManifest, Preset } from '../../generate/manifest.ts';
import type { TemplateSet } from '../../generate/render/template-set.ts';

// From source, templates are read from disk. The build puts the manifests alone in this module's place, because every
// --help shows them, and the templates in that of `templates.ts`.
export const sourceTemplates: TemplateSet = await readTemplates(
  fileURLToPath(new URL('../../../templates', import.meta.url)),
);

export const manifests: readonly FeatureManifest[] = sourceTemplates.features.map(({ manifest }) => manifest);

export const presets: readonly Preset[] = sourceTemplates.presets;
