import { currentRecord } from '../inputs/change-record.ts';
import { isOutside, type ServiceRecord, upFrom } from '../record.ts';
import { renderTree } from '../render/render-tree.ts';
import type { TemplateSet } from '../render/template-set.ts';
import { bookkeeping } from './bookkeeping.ts';
import type { Plan } from './plan.ts';
import { planFile, same } from './plan-file.ts';
import { planMoves } from './plan-move.ts';
import type { Project } from './project.ts';
import { contractsOf, type GivenContract } from './project-contracts.ts';

/**
 * What becomes of a project that gets this record and these templates: three-way between what was rendered last
 * (`.msvc/base`), what is on disk, and what is rendered now. The record is brought up to the templates first.
 */
export async function planChange(
  project: Project,
  wanted: ServiceRecord,
  templates: TemplateSet,
  given?: GivenContract,
): Promise<Plan> {
  const record = currentRecord(
    wanted,
    templates.version,
    templates.features.map(({ manifest }) => manifest),
  );
  const rendered = await renderTree(record, templates, await contractsOf(project, record, given));
  const base = baseFor(project, record);
  const paths = [...new Set([...base.keys(), ...rendered.keys()])].sort();
  const disk = await project.read(paths);
  const changes = await planMoves({ before: project.record, after: record, base, disk, rendered });
  const moved = new Set(changes.map(({ path }) => path));
  for (const path of paths.filter((one) => !moved.has(one))) {
    const sides = { base: base.get(path), mine: disk.get(path), theirs: rendered.get(path) };
    const change = await planFile(path, sides);
    if (change) changes.push(change);
  }
  changes.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { record, changes, bookkeeping: bookkeeping(project, record, rendered), rendered };
}

/** How many files `msvc update` would render anew: what the templates or the record say now is not what was rendered. */
export async function waitingIn(
  project: Pick<Project, 'base' | 'read' | 'record'>,
  templates: TemplateSet,
): Promise<number> {
  const manifests = templates.features.map(({ manifest }) => manifest);
  const record = currentRecord(project.record, templates.version, manifests);
  const rendered = await renderTree(record, templates, await contractsOf(project, record));
  const base = baseFor(project, project.record);
  const paths = new Set([...base.keys(), ...rendered.keys()]);
  return [...paths].filter((path) => {
    const [before, now] = [base.get(path), rendered.get(path)?.content];
    return before === undefined || now === undefined || !same(before, now);
  }).length;
}

/**
 * What was rendered last, by where that is now: a service that was moved lies deeper or less deep below the file that the
 * repository keeps for it, or has left that repository.
 */
function baseFor({ base }: Pick<Project, 'base'>, { repository }: ServiceRecord): ReadonlyMap<string, string> {
  const up = repository && `${upFrom(repository.folder)}/`;
  return new Map(
    [...base].flatMap(([path, text]): [string, string][] => {
      if (!isOutside(path)) return [[path, text]];
      return up === undefined ? [] : [[path.replace(/^(?:\.\.\/)+/, up), text]];
    }),
  );
}
