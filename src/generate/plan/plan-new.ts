import type { ServiceRecord } from '../record.ts';
import type { Plan } from './plan.ts';
import type { TemplateSet } from './template-set.ts';

/** The plan of a new service: every file is created. */
export async function planNew(_record: ServiceRecord, _templates: TemplateSet): Promise<Plan> {
  throw new Error('planNew is being written');
}
