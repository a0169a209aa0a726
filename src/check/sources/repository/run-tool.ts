import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Ports } from '../../../ports.ts';

/** How a program ended. */
export type Ran = { stdout: string } | { failed: string; isLate?: true };

const mostOutput = 64 * 1024 * 1024;

/** The file of a program of the user's: never one that lies in the repository, where `PATH` or Windows would look too. */
export const findOnPath = (program: string, { env, platform }: Ports): string | undefined =>
  (env.PATH ?? '')
    .split(delimiter)
    .filter(isAbsolute)
    .map((folder) => join(folder, platform === 'win32' ? `${program}.exe` : program))
    .find((file) => existsSync(file) && statSync(file).isFile());

/** Runs a program, by its file, without a shell and without a question; killed after `seconds`, and by Ctrl-C. */
export const runTool = (
  program: string,
  args: readonly string[],
  { cwd, seconds }: { cwd: string; seconds: number },
  { env, signal }: Ports,
): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const options = {
      cwd,
      env: { ...env, GIT_TERMINAL_PROMPT: '0' },
      encoding: 'utf8' as const,
      timeout: seconds * 1000,
      killSignal: 'SIGKILL' as const,
      maxBuffer: mostOutput,
      windowsHide: true,
      signal,
    };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (!error) resolve({ stdout });
      else if (signal.aborted) reject(error);
      else if (error.killed) resolve({ failed: `it was not done after ${seconds} seconds`, isLate: true });
      else resolve({ failed: stderr.trim() || error.message });
    });
    child.stdin?.end();
  });
