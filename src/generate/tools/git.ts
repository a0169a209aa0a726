export type GitOutcome =
  | { kind: 'committed' }
  /** A repository without a commit: nobody told git who they are. `next` is the command for later. */
  | { kind: 'initialised'; reason: string; next: string }
  /** Nothing done: inside another work tree, or no git here. */
  | { kind: 'skipped'; reason: string };

export interface ToolOptions {
  env: Readonly<Record<string, string | undefined>>;
  signal?: AbortSignal;
}

/** A repository with everything in one first commit, unless the folder lies in a work tree already. Never throws for git. */
export async function startRepository(_dir: string, _options: ToolOptions): Promise<GitOutcome> {
  return { kind: 'skipped', reason: '' };
}
