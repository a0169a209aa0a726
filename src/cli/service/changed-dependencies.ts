import type { FileChange, Plan } from '../../generate/plan/plan.ts';

/** Whether a plan changes what the package manager would install. */
export const changesDependencies = (plan: Plan): boolean => plan.changes.some(changesPackages);

function changesPackages(change: FileChange): boolean {
  if (change.path !== 'package.json') return false;
  if (change.kind !== 'create' && change.kind !== 'update') return change.kind === 'conflict';
  return packagesOf(change.content) !== packagesOf(change.before ?? '{}');
}

function packagesOf(text: string): string {
  try {
    const { dependencies, devDependencies, overrides } = JSON.parse(text) as Record<string, unknown>;
    return JSON.stringify([dependencies, devDependencies, overrides]);
  } catch {
    // Somebody's unfinished edit: any change of it may be one of dependencies.
    return text;
  }
}
