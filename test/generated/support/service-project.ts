import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { runCommand } from './run-command.ts';

/** A folder that is gone when the test that asked for it ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'msvc-generated-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs a command line, which ends with the test, also where its time runs out. @throws with its last lines where it fails. */
export async function run(commandLine: string, options: { cwd: string; env: NodeJS.ProcessEnv }): Promise<string> {
  const { done, stop } = runCommand(commandLine, options);
  onTestFinished(stop);
  return done;
}
