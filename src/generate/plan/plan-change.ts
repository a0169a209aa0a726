import type { ServiceRecord } from '../record.ts';
import type { Plan } from './plan.ts';
import type { Project } from './project.ts';
import type { TemplateSet } from './template-set.ts';

/** What becomes of a project that gets this record and these templates (three-way: last rendered, disk, rendered now). */
export async function planChange(_project: Project, _record: ServiceRecord, _templates: TemplateSet): Promise<Plan> {
  throw new Error('planChange is being written');
}
