import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

/** A program for development and tests that never outlives this process, even a killed one. */
export interface KeptProgram {
  /** Its process id, for tests that kill or freeze it. */
  pid: number;
  /** Resolves when it has ended. */
  gone: Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

// Where it is, not where a bundle has moved this file.
const keeper = join(process.cwd(), 'scripts', 'keeper.mjs');

/**
 * Starts a program whose data lies in `folder`; it runs once its output matches `ready`.
 * @throws with that output where it ends before.
 */
export function startKept(command: readonly string[], folder: string, ready: RegExp): Promise<KeptProgram> {
  const child = spawn(process.execPath, [keeper, folder, ...command], { stdio: ['pipe', 'pipe', 'inherit'] });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    child.stdin.end();
    await gone;
    await rm(folder, { recursive: true, force: true });
  };
  return new Promise((resolve, reject) => {
    let output = '';
    const onClose = async (): Promise<void> => {
      await rm(folder, { recursive: true, force: true });
      reject(new Error(`${command[0]} did not start:\n${output}`));
    };
    child.once('close', onClose);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (output.length < 20_000) output += text;
      if (!ready.test(output)) return;
      child.off('close', onClose);
      // The keeper's own first line is the process id.
      resolve({ pid: Number.parseInt(output, 10), gone, stop });
    });
  });
}
