import type { ServiceRecord } from '../record.ts';
import type { RenderedTree } from './plan.ts';
import type { TemplateSet } from './template-set.ts';

/** Every file of a service: base, features, instances, contributions and README parts, in the order of their paths. */
export async function renderTree(_record: ServiceRecord, _templates: TemplateSet): Promise<RenderedTree> {
  throw new Error('renderTree is being written');
}
