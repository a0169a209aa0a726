import { UserError } from '../../errors.ts';
import { readFiles } from '../../generate/files/read-project.ts';
import { joinRecords, type Preferred } from '../../generate/inputs/join-records.ts';
import { parseRecord } from '../../generate/inputs/parse-record.ts';
import { planResolve } from '../../generate/plan/plan-resolve.ts';
import { recordPath, type ServiceRecord } from '../../generate/record.ts';
import { type CommitFiles, type GitMerge, readGitMerge } from '../../generate/tools/git-merge.ts';
import type { Ports } from '../../ports.ts';
import type { CommandResult } from '../command.ts';
import { templates } from '../templates/templates.ts';
import { type ChangeFlags, carryOut } from './change.ts';

/** What git is told when all is resolved, by what it is in the middle of. */
const goOn: Readonly<Record<GitMerge['kind'], string>> = {
  merge: 'git add --all && git commit',
  rebase: 'git add --all && git rebase --continue',
  'cherry-pick': 'git add --all && git cherry-pick --continue',
  merged: 'git add --all && git commit',
};

/**
 * Joins what both branches say of the service, renders that, and merges what people wrote on either side into it.
 *
 * @throws UserError NOT_MERGING, RECORDS_DISAGREE, RECORD_BROKEN
 */
export async function resolveMerge(
  flags: ChangeFlags & { readonly prefer?: string },
  ports: Ports,
): Promise<CommandResult> {
  const project = await readFiles(ports.cwd);
  const merge = await readGitMerge(project.root, { env: ports.env, signal: ports.signal });
  if (!merge) throw notMerging();
  const [ours, theirs] = [recordOf(merge.ours, 'ours'), recordOf(merge.theirs, 'theirs')];
  const base = merge.base.has(recordPath) ? recordOf(merge.base, 'both began with') : undefined;
  const record = joinRecords({ base, ours, theirs }, flags.prefer as Preferred | undefined);
  return carryOut({
    project,
    plan: await planResolve(project, record, templates, merge),
    // The files are in conflict already: what is left of it is written where it stands.
    flags: { ...flags, writeConflicts: true },
    ports,
    done: () => 'Merge resolved',
    install: true,
    next: [goOn[merge.kind]],
  });
}

function recordOf(files: CommitFiles, whose: string): ServiceRecord {
  const text = files.get(recordPath);
  if (text === undefined)
    throw new UserError({
      code: 'NOT_A_SERVICE',
      what: `On one side of the merge (${whose}) this is no service`,
      why: `There is no ${recordPath} in that commit.`,
      fix: 'Take the side that has one: git checkout --ours . or git checkout --theirs .',
    });
  return parseRecord(text, `${recordPath} (${whose})`, templates.version);
}

const notMerging = (): UserError =>
  new UserError({
    code: 'NOT_MERGING',
    what: 'There is no merge to resolve here',
    why: 'git is in no merge, rebase or cherry-pick, and the last commit is no merge.',
    fix: 'Run it when git has stopped in one: git merge <branch>',
  });
