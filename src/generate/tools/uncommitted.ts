import { runGit, type ToolOptions } from './run-git.ts';

/** How many files below a folder differ from the last commit; undefined where git cannot say. @throws the signal's reason where aborted */
export async function countUncommitted(dir: string, options: ToolOptions): Promise<number | undefined> {
  const { ok, stdout } = await runGit(dir, ['status', '--porcelain', '--', '.'], options);
  return ok ? stdout.toString().split('\n').filter(Boolean).length : undefined;
}
