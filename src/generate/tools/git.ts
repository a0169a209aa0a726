import { lstat, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type GitRun, runGit, type ToolOptions } from './run-git.ts';

export type GitOutcome =
  | { kind: 'committed' }
  /** A repository without a commit: nobody told git who they are. `next` is the command for later. */
  | { kind: 'initialised'; reason: string; next: string }
  /** Nothing done: inside another work tree, or no git here. */
  | { kind: 'skipped'; reason: string };

const message = 'First commit';
const commitLater = `git commit -m "${message}"`;

/** Looked for by hand: git refuses to say in folders of another owner, and a repository inside one would be wrong there too. */
export async function isInWorkTree(dir: string): Promise<boolean> {
  for (let at = await realpath(dir).catch(() => dir); ; at = dirname(at)) {
    if (await lstat(join(at, '.git')).catch(() => undefined)) return true;
    if (at === dirname(at)) return false;
  }
}

/** Whether git leaves a folder (from the repository, which need not have it) out. */
export async function isIgnored(repository: string, folder: string, options: ToolOptions): Promise<boolean> {
  return (await runGit(repository, ['check-ignore', '--quiet', '--', `${folder}/`], options)).ok;
}

/**
 * A repository with everything in one first commit, unless the folder lies in a work tree already. Never fails for
 * git's sake.
 *
 * @throws the signal's reason where aborted
 */
export async function startRepository(dir: string, options: ToolOptions): Promise<GitOutcome> {
  if (await isInWorkTree(dir)) return { kind: 'skipped', reason: 'it is in a git repository already' };
  const git = (...args: string[]): Promise<GitRun> => runGit(dir, args, options);
  const { env } = options;

  const init = await git('init', '--initial-branch=main');
  if (init.absent) return { kind: 'skipped', reason: 'git is not installed' };
  // Before git 2.28 there is no such option.
  if (!init.ok && !(await git('init')).ok) return { kind: 'skipped', reason: firstLine(init.said) };
  const added = await git('add', '--all');
  if (!added.ok) return { kind: 'initialised', reason: firstLine(added.said), next: `git add --all && ${commitLater}` };
  const knowsWho = (await git('var', 'GIT_AUTHOR_IDENT')).ok && (await git('config', 'user.email')).ok;
  const hasWho = knowsWho || (env.GIT_AUTHOR_EMAIL !== undefined && env.GIT_COMMITTER_EMAIL !== undefined);
  if (!hasWho) return { kind: 'initialised', reason: 'git does not know your name yet', next: commitLater };
  // Neither a hook of the person nor a passphrase for a signature may stop a command that asks nothing.
  const committed = await git('commit', '--quiet', '--no-verify', '--no-gpg-sign', '-m', message);
  return committed.ok
    ? { kind: 'committed' }
    : { kind: 'initialised', reason: firstLine(committed.said), next: commitLater };
}

const firstLine = (said: string): string => said.split('\n').find((line) => line.trim() !== '') ?? 'git gave no reason';
