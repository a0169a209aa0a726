import { readProject } from '../../../src/generate/files/read-project.ts';
import { withFeature } from '../../../src/generate/inputs/change-record.ts';
import type { Plan } from '../../../src/generate/plan/plan.ts';
import { planChange } from '../../../src/generate/plan/plan-change.ts';
import { planNew } from '../../../src/generate/plan/plan-new.ts';
import type { Project } from '../../../src/generate/plan/project.ts';
import type { TemplateSet } from '../../../src/generate/render/template-set.ts';
import { recordOf } from './records.ts';
import { templateSet } from './sources.ts';

const lines = (...all: string[]): string => `${all.join('\n')}\n`;

/** Version 1 of a small service. */
export const before = templateSet({
  'package.json': '{\n  "name": "order-service",\n  "dependencies": {\n    "fastify": "5.0.0"\n  }\n}\n',
  'src/app.ts': lines('one', 'two', 'three', 'four', 'five'),
  'src/old/gone.ts': 'gone\n',
  '.env.example': 'PORT=3000\n',
});

/** Version 2: a file changed, one gone, one in a new folder, and a feature that contributes to package.json. */
export const after = templateSet(
  {
    'package.json': '{\n  "name": "order-service",\n  "dependencies": {\n    "fastify": "5.0.1"\n  }\n}\n',
    'src/app.ts': lines('one', 'two', 'three', 'four', 'FIVE'),
    'src/new/folder/come.ts': 'come\n',
    '.env.example': 'PORT=3000\nHOST=::\n',
  },
  { postgres: { merge: { 'package.json': '{ "dependencies": { "pg": "8.0.0" } }' }, once: { 'src/pg.ts': 'pg\n' } } },
  '2.0.0',
);

const manifests = (templates: TemplateSet) => templates.features.map(({ manifest }) => manifest);

export const newPlan = (): Promise<Plan> => planNew(recordOf(), before);

/** The same in a folder of a repository, which keeps its pipeline for it. */
export const sharedPlan = (): Promise<Plan> =>
  planNew(
    recordOf({ repository: { folder: 'services/orders' } }),
    templateSet({ '.github/workflows/service.yml': 'on: push\n', 'a.txt': 'a\n' }),
  );

/** The update from version 1 to 2 with the feature added. */
export async function updatePlan(root: string): Promise<{ plan: Plan; project: Project }> {
  const project = await readProject(root, after.version);
  return {
    project,
    plan: await planChange(project, withFeature(project.record, 'postgres', {}, manifests(after)), after),
  };
}
