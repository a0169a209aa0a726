import type { FileChange, Plan } from './plan.ts';

interface Sides {
  path: string;
  before: string | undefined;
  after: string | undefined;
  /** As git writes it: 100644 or 100755. */
  mode: string;
}

function sidesOf(change: FileChange): Sides[] {
  const { path } = change;
  const mode = 'mode' in change && (change.mode ?? 0) & 0o100 ? '100755' : '100644';
  switch (change.kind) {
    case 'keep':
      return [];
    case 'delete':
      return [{ path, before: change.before, after: undefined, mode }];
    case 'conflict':
      return [{ path, before: change.mine, after: change.theirs, mode }];
    default:
      return [{ path, before: change.before, after: change.content, mode }];
  }
}

/**
 * Unified diff of everything that a plan changes, as `git apply` takes it. A conflict is shown as the way from what is on
 * disk to what the templates say. Contents as they are: whoever prints it makes it harmless.
 */
export async function diffPlan(plan: Pick<Plan, 'changes'>): Promise<string> {
  const { createTwoFilesPatch } = await import('diff');
  return plan.changes
    .flatMap(sidesOf)
    .map(({ path, before, after, mode }) => {
      const [from, to] = [
        before === undefined ? '/dev/null' : `a/${path}`,
        after === undefined ? '/dev/null' : `b/${path}`,
      ];
      const patch = createTwoFilesPatch(from, to, before ?? '', after ?? '', undefined, undefined, { context: 3 });
      const kind =
        before === undefined ? `new file mode ${mode}\n` : after === undefined ? `deleted file mode ${mode}\n` : '';
      return `diff --git a/${path} b/${path}\n${kind}${patch.replace(/^=+\n/, '')}`;
    })
    .join('');
}
