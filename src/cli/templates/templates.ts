import type { TemplateSet } from '../../generate/render/template-set.ts';
import { sourceTemplates } from './manifests.ts';

/** All templates. The build puts them precompiled in this module's place; only commands that generate import it. */
export const templates: TemplateSet = sourceTemplates;
