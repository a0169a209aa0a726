import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { eventually } from './eventually.ts';

export interface Again {
  child: ChildProcess;
  /** Its exit status, or the signal that it died of. */
  exited: Promise<string>;
  /** What it has to `tell`, within a minute or two. */
  told<T>(): Promise<T>;
}

/** What this process is to do, where a test started its own file once more; undefined in the test itself. */
export const ownRole: string | undefined = process.env.TEST_ROLE;

/** Starts this test file once more, as a process that the test may kill; it does not survive the test. */
export function startAgain(t: TestContext, role: string, env: NodeJS.ProcessEnv = {}): Again {
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] as string], {
    // Without its context it does not report to the runner of this test.
    env: { ...process.env, ...env, TEST_ROLE: role, NODE_TEST_CONTEXT: undefined },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  createInterface(child.stdout).on('line', (line) => lines.push(line));
  const exited = new Promise<string>((resolve) => child.once('exit', (code, signal) => resolve(signal ?? `${code}`)));
  t.after(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const told = async () => JSON.parse(await eventually(`${role} tells something`, () => lines[0], 120_000));
  return { child, exited, told };
}

/** Tells the test something, and stays until it is killed. */
export function tell(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
  setInterval(() => {}, 60_000);
}
