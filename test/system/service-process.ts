import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { until } from '../cluster/until.ts';

/** What was built of a service, as a process. It never outlives this one, even a killed one. */
export interface ServiceProcess {
  pid: number;
  /** Resolves when it has ended, for whatever reason. */
  ended: Promise<unknown>;
  readonly isRunning: boolean;
  /** Resolves once it is ready for requests; throws with what it said where it ends before. */
  ready(): Promise<void>;
  /** SIGTERM, until it has ended. @throws where it did not end with 0 */
  leave(): Promise<void>;
  kill(): Promise<void>;
}

/**
 * @param told gets each line that it says
 * @param inside what comes before its command, to run it in a container or the like
 */
export async function startProcess(
  cwd: string,
  port: number,
  env: NodeJS.ProcessEnv,
  told: (line: string) => void,
  inside: readonly string[] = [],
): Promise<ServiceProcess> {
  const url = `http://127.0.0.1:${port}`;
  const own = await mkdtemp(join(tmpdir(), 'msvc-system-process-'));
  // The service's own keeper, which ends it when this process is gone.
  const keeper = join(cwd, 'scripts/keeper.mjs');
  const command = [...inside, process.execPath, '--enable-source-maps', 'dist/main.js'];
  const child = spawn(process.execPath, [keeper, own, ...command], {
    cwd,
    env: { ...env, PORT: String(port) },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const closed = once(child, 'close');
  let hasEnded = false;
  void closed.then(async () => {
    hasEnded = true;
    await rm(own, { recursive: true, force: true });
  });
  const last: string[] = [];
  const keep = (line: string): void => {
    last.push(line);
    if (last.length > 50) last.shift();
  };
  createInterface(child.stderr).on('line', keep);
  const pid = await new Promise<number>((resolve) => {
    let isFirst = true;
    createInterface(child.stdout).on('line', (line) => {
      // The keeper's own first line is the process id.
      if (isFirst) resolve(Number(line));
      else {
        keep(line);
        told(line);
      }
      isFirst = false;
    });
  });

  const signal = (name: NodeJS.Signals): void => {
    if (!hasEnded) process.kill(pid, name);
  };
  return {
    pid,
    ended: closed,
    get isRunning() {
      return !hasEnded;
    },
    async ready() {
      const isReady = async () =>
        hasEnded || (await fetch(`${url}/health/ready`).catch(() => undefined))?.status === 200;
      await until(`${cwd} is ready`, isReady, { timeout: 120_000 }).catch((error: Error) => {
        throw new Error(`${error.message}\n${last.join('\n')}`);
      });
      if (hasEnded) throw new Error(`${cwd} ended:\n${last.join('\n')}`);
    },
    async leave() {
      signal('SIGTERM');
      await closed;
      if (!last.some((line) => line.includes('"msg":"closed"')))
        throw new Error(`${cwd} did not end by itself:\n${last.join('\n')}`);
    },
    async kill() {
      signal('SIGKILL');
      child.stdin.end();
      await Promise.all([exited, closed]);
    },
  };
}
