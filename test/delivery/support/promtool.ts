import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { cacheFolder } from '../../cache-folder.ts';

/** Where CI puts what Debian's package `prometheus` holds; the package itself would also start a server. */
const cached = cacheFolder(process.env, 'prometheus', 'promtool');

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const program = isExecutable(cached) ? cached : 'promtool';

/** False, or why this machine cannot ask Prometheus what it makes of a rule. */
export const withoutPromtool: string | false =
  spawnSync(program, ['--version']).status === 0
    ? false
    : 'there is no promtool on PATH (it is part of Prometheus; .ci/run shows how to get it without a server)';

/** What promtool said; throws it where it found a fault. */
export function promtool(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`promtool ${args.join(' ')}:\n${stdout}${stderr}`);
  return stdout;
}
