import { isOutside, managedPath } from '../record.ts';
import { runGit, type ToolOptions } from './run-git.ts';

/** The text files of one commit below a folder, and what the repository keeps for the service there; by path from there, with `/`. */
export type CommitFiles = ReadonlyMap<string, string>;

/** The sides of a merge, rebase or cherry-pick that stopped, or of the merge that HEAD is. */
export interface GitMerge {
  kind: 'merge' | 'rebase' | 'cherry-pick' | 'merged';
  ours: CommitFiles;
  theirs: CommitFiles;
  base: CommitFiles;
  /** Paths that git could not merge and nobody has resolved. */
  unmerged: ReadonlySet<string>;
}

const heads = { merge: 'MERGE_HEAD', rebase: 'REBASE_HEAD', 'cherry-pick': 'CHERRY_PICK_HEAD' } as const;

/**
 * What git is merging in the work tree that `dir` lies in; undefined where it merges nothing, or there is no git.
 *
 * @throws the signal's reason where aborted
 */
export async function readGitMerge(dir: string, options: ToolOptions): Promise<GitMerge | undefined> {
  const git = async (args: readonly string[], input?: string): Promise<Buffer | undefined> => {
    const { ok, stdout } = await runGit(dir, args, options, input);
    return ok ? stdout : undefined;
  };
  const commit = async (name: string): Promise<string | undefined> =>
    (await git(['rev-parse', '--quiet', '--verify', `${name}^{commit}`]))?.toString().trim();

  const sides = await sidesOf(commit, async (a, b) => (await git(['merge-base', a, b]))?.toString().trim());
  if (!sides) return undefined;
  const [ours, theirs, base] = await Promise.all([sides.ours, sides.theirs, sides.base].map((at) => filesOf(at, git)));
  const outside = [ours, theirs].flatMap((side) => outsideOf([...(side?.keys() ?? [])]));
  const unmerged = (await git(['ls-files', '--unmerged', '-z', '--', '.', ...outside]))?.toString() ?? '';
  return {
    kind: sides.kind,
    ours: ours ?? new Map(),
    theirs: theirs ?? new Map(),
    base: base ?? new Map(),
    unmerged: new Set(unmerged.split('\0').flatMap((line) => line.split('\t')[1] ?? [])),
  };
}

interface Sides {
  kind: GitMerge['kind'];
  ours: string;
  theirs: string;
  base: string | undefined;
}

async function sidesOf(
  commit: (name: string) => Promise<string | undefined>,
  mergeBase: (a: string, b: string) => Promise<string | undefined>,
): Promise<Sides | undefined> {
  for (const kind of ['merge', 'rebase', 'cherry-pick'] as const) {
    const [ours, theirs] = [await commit('HEAD'), await commit(heads[kind])];
    if (!ours || !theirs) continue;
    // One commit is put on another: what it changed is what differs from its parent.
    const base = kind === 'merge' ? await mergeBase(ours, theirs) : await commit(`${theirs}^`);
    return { kind, ours, theirs, base };
  }
  const [ours, theirs] = [await commit('HEAD^1'), await commit('HEAD^2')];
  return ours && theirs ? { kind: 'merged', ours, theirs, base: await mergeBase(ours, theirs) } : undefined;
}

/** What the repository keeps for the service whose files these are. */
const outsideOf = (paths: readonly string[]): string[] =>
  paths.flatMap((path) => managedPath(path) ?? []).filter(isOutside);

/** Largest file that is read: what we manage is far smaller. */
const most = 4 * 1024 * 1024;

async function filesOf(
  commit: string | undefined,
  git: (args: readonly string[], input?: string) => Promise<Buffer | undefined>,
): Promise<CommitFiles> {
  if (!commit) return new Map();
  const list = async (paths: readonly string[]): Promise<{ id: string; path: string }[]> => {
    const listed = (await git(['ls-tree', '-r', '-l', '-z', commit, '--', ...paths]))?.toString() ?? '';
    return listed.split('\0').flatMap((line) => {
      const match = /^100\d{3} blob ([0-9a-f]+) +(\d+)\t(.*)$/s.exec(line);
      return match && Number(match[2]) <= most ? [{ id: match[1] ?? '', path: match[3] ?? '' }] : [];
    });
  };
  const inside = await list(['.']);
  const outside = outsideOf(inside.map(({ path }) => path));
  const entries = outside.length === 0 ? inside : [...inside, ...(await list(outside))];
  const contents = await git(['cat-file', '--batch'], entries.map(({ id }) => `${id}\n`).join(''));
  const files = new Map<string, string>();
  let at = 0;
  for (const { path } of entries) {
    const end = contents?.indexOf('\n', at) ?? -1;
    const size = Number(contents?.toString('latin1', at, end).split(' ')[2]);
    if (!contents || end < 0 || Number.isNaN(size)) break;
    files.set(path, contents.toString('utf8', end + 1, end + 1 + size));
    at = end + 1 + size + 1;
  }
  return files;
}
