import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../templates/features/servers/once/scripts/free-port.ts';

const beside = (file: string): string => new URL(file, import.meta.url).pathname;

/** Starts a helper of this folder that talks over the channel of `fork`. */
export function startHelper(file: string): ChildProcess {
  return spawn(process.execPath, [beside(file)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}

/** The next message of a child that fits, where it matters which. Rejects where the child ends before. */
export function told<T>(child: ChildProcess, fits: (message: unknown) => boolean = () => true): Promise<T> {
  return new Promise((resolve, reject) => {
    const hear = (message: unknown): void => {
      if (!fits(message)) return;
      child.off('message', hear).off('disconnect', fail);
      resolve(message as T);
    };
    const fail = (): void => reject(new Error(`${child.spawnargs.join(' ')} ended and told nothing`));
    child.on('message', hear).once('disconnect', fail);
  });
}

/** Asks a helper or a measured process for its number. A service also says where it listens, which is none. */
export function ask(child: ChildProcess): Promise<number> {
  const answer = told<number>(child, (message) => typeof message === 'number');
  child.send('?');
  return answer;
}

export interface Started {
  child: ChildProcess;
  url: string;
  /** Lines on its stdout so far. */
  lines: () => number;
  /** The last of them. */
  lastLine: () => string;
  /** Milliseconds from spawn to the first 200. */
  first200: number;
  stop(): Promise<void>;
}

/**
 * Starts a service that listens on PORT, and waits for its first 200 at `path`.
 *
 * @param args of node, which may be another one, or run inside of something
 */
export async function startService(
  args: readonly string[],
  path: string,
  env: NodeJS.ProcessEnv = {},
  [program = '', ...before]: readonly string[] = [process.execPath],
): Promise<Started> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const startedAt = performance.now();
  const child = spawn(program, [...before, '--import', beside('processor-meter.mjs'), ...args], {
    env: {
      ...process.env,
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PORT: String(port),
      SHUTDOWN_DELAY_MS: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let lines = 0;
  let last = '';
  child.stdout?.on('data', (data: Buffer) => {
    const parts = data.toString().split('\n');
    lines += parts.length - 1;
    last = parts.at(-2) ?? last;
  });
  while ((await fetch(url + path).catch(() => undefined))?.status !== 200) {
    if (child.exitCode !== null) throw new Error(`${args.join(' ')} ended with ${child.exitCode}`);
    await wait(1);
  }
  const stop = async (): Promise<void> => {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  };
  return { child, url, lines: () => lines, lastLine: () => last, first200: performance.now() - startedAt, stop };
}

/** Sends requests from a process of its own, with a JSON body where there is one; throws where one was not answered well. */
export async function sendLoad(
  url: string,
  requests: number,
  body?: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> {
  const args = [beside('send-load.mjs'), url, String(requests), '32', ...(body === undefined ? [] : [body])];
  const env = { ...process.env, LOAD_HEADERS: JSON.stringify(headers) };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  if (Number(stdout) !== requests)
    throw new Error(`${url}: ${stdout.trim()} of ${requests} requests were answered with 200 or 201`);
}
