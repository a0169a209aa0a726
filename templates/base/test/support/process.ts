import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { root } from '../../src/root.ts';
import { eventually } from './eventually.ts';

export interface ServiceProcess {
  child: ChildProcess;
  url: string;
  /** Lines on stdout and stderr. */
  lines: string[];
  exited: Promise<number | null>;
}

/** Arguments for node that run src/<name>.ts: as `npm test` bundled it, or as it is where an editor runs one test. */
export function programArgs(name: string): string[] {
  const source = join(root, `${name}.ts`);
  return existsSync(source) ? ['--import', 'tsx', source] : ['--enable-source-maps', join(root, `${name}.js`)];
}

/** Starts src/main.ts as a process of its own, on a free port; it does not survive the test. */
export const spawnService = (t: TestContext, env?: NodeJS.ProcessEnv): ServiceProcess =>
  spawnProgram(t, [process.execPath, ...programArgs('main')], env);

/** The same for another program: a test file that starts itself once more, or one that starts the service in its way. */
export function spawnProgram(
  t: TestContext,
  [program = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv = {},
): ServiceProcess {
  const child = spawn(program, args, {
    // Without its context it does not report to the runner of this test.
    env: { NODE_ENV: 'test', ...process.env, NODE_TEST_CONTEXT: undefined, HOST: '127.0.0.1', PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const service: ServiceProcess = {
    child,
    url: '',
    lines: [],
    // Once all that it said has come; a process of its own that outlives it may hold the lines open.
    exited: new Promise((resolve) => {
      child.once('close', resolve);
      child.once('exit', (code) => setTimeout(resolve, 5_000, code).unref());
    }),
  };
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface(stream).on('line', (line) => service.lines.push(line));
  }
  t.after(async () => {
    child.kill('SIGKILL');
    await service.exited;
  });
  return service;
}

/** The service, once it accepts requests. */
export const startService = (t: TestContext, env?: NodeJS.ProcessEnv): Promise<ServiceProcess> =>
  untilListening(spawnService(t, env));

export async function untilListening(service: ServiceProcess): Promise<ServiceProcess> {
  const listening = /Server listening at (http:\/\/127[^"]+)/;
  service.url = await eventually(
    'the service listens',
    () => {
      if (service.child.exitCode !== null) throw new Error(`the service ended:\n${service.lines.join('\n')}`);
      return service.lines.map((line) => line.match(listening)?.[1]).find(Boolean);
    },
    30_000,
  );
  return service;
}
