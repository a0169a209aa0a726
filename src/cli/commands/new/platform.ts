import { relative, resolve } from 'node:path';
import { UserError } from '../../../errors.ts';
import { flagName } from '../../../flag-name.ts';
import { checkTarget, createProject } from '../../../generate/files/create-project.ts';
import { diffPlan } from '../../../generate/plan/diff.ts';
import type { FileChange } from '../../../generate/plan/plan.ts';
import { previewTree } from '../../../generate/plan/preview.ts';
import type { Ports } from '../../../ports.ts';
import type { CommandResult } from '../../command.ts';
import { nextText, relativePath } from '../../service/next-commands.ts';
import { templates } from '../../templates/templates.ts';
import type { NewFlags } from './record.ts';

const defaultFolder = 'platform';

/** What may stand beside `--platform`: nothing that describes a service. */
const allowed = new Set(['platform', 'dryRun', 'diff', 'json', 'yes']);

/** `msvc new --platform [dir]`: the manifests of what a cluster needs once, into a folder of their own. */
export async function newPlatform(flags: NewFlags, ports: Ports): Promise<CommandResult> {
  refuseServiceOptions(flags);
  const folder = typeof flags.platform === 'string' ? flags.platform : defaultFolder;
  const target = resolve(ports.cwd, folder);
  await checkTarget(target);
  const changes = templates.platform.map(
    (file): FileChange => ({ kind: 'create', path: file.path, content: file.render({}) }),
  );
  const preview = flags.dryRun === true || flags.diff === true;
  if (!preview) await createProject({ bookkeeping: [], changes }, target, { signal: ports.signal, cwd: ports.cwd });
  const next = preview ? [] : [`kubectl apply --server-side -k ${relativePath(ports.cwd, target) || '.'}`];
  return { output: await told({ changes, target, next, preview }, flags, ports), exitCode: 0 };
}

async function told(
  { changes, target, next, preview }: { changes: FileChange[]; target: string; next: string[]; preview: boolean },
  flags: NewFlags,
  ports: Ports,
): Promise<string> {
  if (flags.json) {
    const files = changes.map(({ path, kind }) => ({ path, change: kind }));
    return `${JSON.stringify({ schema: 'msvc.plan/1', directory: target, applied: !preview, files, next }, null, 2)}\n`;
  }
  if (!preview)
    return `${changes.length} files written; their README.md says what to do before\n\n${nextText(next, ports.stdout)}`;
  const tree = flags.dryRun ? previewTree({ changes }, relative(ports.cwd, target) || '.') : '';
  return [tree, flags.diff ? await diffPlan({ changes }) : ''].filter(Boolean).join('\n');
}

function refuseServiceOptions(flags: NewFlags): void {
  const [stray] = Object.entries(flags).filter(([name, value]) => value !== undefined && !allowed.has(name));
  if (!stray) return;
  const [name] = stray;
  const shown = name === 'name' ? `A name ("${String(stray[1])}")` : `--${flagName(name)}`;
  throw new UserError({
    code: 'OPTION_WITHOUT_SERVICE',
    what: `${shown} has nothing to decide with --platform`,
    why: 'The platform is what a cluster needs once; it is no service and has no name.',
    fix: 'Give the folder as: msvc new --platform <dir>',
  });
}
