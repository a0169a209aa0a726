import { isSupported, lockfiles } from '../inputs/package-manager.ts';
import type { FileChange, Plan } from './plan.ts';
import type { Project } from './project.ts';

/**
 * The plan of a service that gets another package manager, with the lock file of the one before gone: beside a second one
 * nobody could tell which of them counts.
 */
export async function withoutOtherLocks(plan: Plan, project: Pick<Project, 'read'>): Promise<Plan> {
  const others = Object.entries(lockfiles).filter(
    ([, manager]) => isSupported(manager) && manager !== plan.record.packageManager,
  );
  const disk = await project.read(others.map(([name]) => name));
  const gone = [...disk].map(([path, { content }]): FileChange => ({ kind: 'delete', path, before: content }));
  return { ...plan, changes: [...plan.changes, ...gone].sort((a, b) => (a.path < b.path ? -1 : 1)) };
}
