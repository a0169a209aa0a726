import { currentRecord } from '../inputs/change-record.ts';
import type { ServiceRecord } from '../record.ts';
import { basePath, managedPath } from '../record.ts';
import { renderTree } from '../render/render-tree.ts';
import type { TemplateSet } from '../render/template-set.ts';
import { bookkeeping } from './bookkeeping.ts';
import type { FileChange, Plan } from './plan.ts';
import { planFile, same } from './plan-file.ts';
import type { DiskFile, Project } from './project.ts';
import { contractsOf } from './project-contracts.ts';
import { mergeText } from './three-way/merge-text.ts';

/** One side of a merge, or what both began with: its files by path, `.msvc/base/` among them. */
type Side = ReadonlyMap<string, string>;

export interface MergeSides {
  ours: Side;
  theirs: Side;
  base: Side;
  unmerged: ReadonlySet<string>;
}

/**
 * What ends a merge of two branches of one service: the joined record is rendered, and what people wrote on either side
 * is merged into that, ours first. So what both sides generated meets no more; a conflict is left only where two people,
 * or a person and the templates, wrote one line. Files that somebody has resolved by hand stay.
 */
export async function planResolve(
  project: Omit<Project, 'record'>,
  joined: ServiceRecord,
  templates: TemplateSet,
  sides: MergeSides,
): Promise<Plan> {
  const manifests = templates.features.map(({ manifest }) => manifest);
  const record = currentRecord(joined, templates.version, manifests);
  const rendered = await renderTree(record, templates, await contractsOf(project, record));
  const managed = [sides.ours, sides.theirs].flatMap((side) =>
    [...side.keys()].flatMap((path) => managedPath(path) ?? []),
  );
  const paths = [...new Set([...rendered.keys(), ...managed])].sort();
  const disk = await project.read(paths);
  const changes: FileChange[] = [];
  for (const path of paths) {
    const wanted = await wantedOf(path, sides, rendered.get(path));
    const change = changeOf(path, wanted, disk.get(path), sides);
    if (change) changes.push(change);
  }
  return { record, changes, bookkeeping: bookkeeping(project, record, rendered), rendered };
}

type File = { content: string; mode?: number };
/** What a file should be; undefined where there should be none. */
type Wanted = File | undefined | Extract<FileChange, { kind: 'conflict' }>;

/** Each side's own changes since it was last rendered, put into what is rendered now. */
async function wantedOf(path: string, { ours, theirs }: MergeSides, rendered: File | undefined): Promise<Wanted> {
  let wanted: File | undefined = rendered;
  for (const side of [ours, theirs]) {
    const [base, mine] = [side.get(basePath(path)), side.get(path)];
    // The other branch made it: this one has nothing to say about it.
    if (base === undefined && mine === undefined) continue;
    const change = await planFile(path, {
      base,
      mine: mine === undefined ? undefined : { content: mine, mode: wanted?.mode ?? 0o644 },
      theirs: wanted,
    });
    if (change?.kind === 'conflict') return change;
    if (!change || change.kind === 'delete') wanted = undefined;
    else if (change.kind === 'keep') wanted = mine === undefined ? undefined : { ...wanted, content: mine };
    else wanted = { ...wanted, content: change.content };
  }
  return wanted;
}

function changeOf(path: string, wanted: Wanted, disk: DiskFile | undefined, sides: MergeSides): FileChange | undefined {
  const byHand = disk !== undefined && !isGits(path, disk, sides);
  if (wanted && 'kind' in wanted)
    return byHand
      ? { kind: 'keep', path, reason: 'resolved by you' }
      : { ...wanted, ...(disk && { before: disk.content }) };
  if (!wanted) return disk && !byHand ? { kind: 'delete', path, before: disk.content } : undefined;
  if (!disk) return { kind: 'create', path, ...wanted };
  if (same(disk.content, wanted.content)) return { kind: 'keep', path, reason: 'unchanged', quiet: true };
  if (byHand || disk.binary) return { kind: 'keep', path, reason: 'resolved by you' };
  return { kind: 'update', path, before: disk.content, content: wanted.content, mode: disk.mode, merged: true };
}

const markers = /^(<{7}|>{7})( |$)/m;

/** Nobody has touched it since git merged, or stopped merging. */
function isGits(path: string, { content }: DiskFile, { ours, theirs, base, unmerged }: MergeSides): boolean {
  const [o, t] = [ours.get(path), theirs.get(path)];
  if ((o !== undefined && same(content, o)) || (t !== undefined && same(content, t))) return true;
  if (unmerged.has(path) && markers.test(content)) return true;
  if (o === undefined || t === undefined) return false;
  const merged = mergeText(base.get(path) ?? '', o, t);
  return merged.clean && same(content, merged.content);
}
