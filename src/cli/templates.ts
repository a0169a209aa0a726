import { fileURLToPath } from 'node:url';
import { readTemplates } from '../generate/files/read-templates.ts';
import type { FeatureManifest, Preset, TemplateSet } from '../generate/plan/template-set.ts';

// From source, templates are read from disk. The build puts them precompiled in this module's place: the manifests
// beside it, because every --help shows them, and the templates in a chunk that loads on demand.
const set = await readTemplates(fileURLToPath(new URL('../../templates', import.meta.url)));

export const manifests: readonly FeatureManifest[] = set.features.map(({ manifest }) => manifest);

export const presets: readonly Preset[] = set.presets;

export const loadTemplates = async (): Promise<TemplateSet> => set;
