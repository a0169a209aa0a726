import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { freePort } from '../../../templates/features/servers/once/scripts/free-port.ts';
import { until } from '../../cluster/until.ts';

export interface RunningService {
  /** Waits until the path answers with 200. */
  answers(path: string): Promise<void>;
  /** Runs the lines that its README and it itself give for trying it, as one pastes them into a shell. */
  answersReadme(): Promise<void>;
  /** Ctrl-C: the signal goes to the whole group, as a terminal sends it. Throws where it does not end, or not with 0. */
  interrupt(): Promise<void>;
}

/** Runs one of a service's scripts that serve, `dev` or `start`, until it is ready; throws with what it said where it is not. */
export async function runScript(
  script: string,
  { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv },
): Promise<RunningService> {
  const port = await freePort();
  const child = spawn('npm', ['run', script], {
    cwd,
    env: { ...env, HOST: '127.0.0.1', PORT: String(port), SHUTDOWN_DELAY_MS: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const exited = once(child, 'exit');
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  onTestFinished(() => {
    if (!hasEnded() && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });

  const answers = async (path: string): Promise<void> => {
    const url = `http://127.0.0.1:${port}${path}`;
    const isThere = async () => hasEnded() || (await fetch(url).catch(() => undefined))?.status === 200;
    await until(`${path} of npm run ${script}`, isThere, { timeout: 180_000 }).catch((error: Error) => {
      throw new Error(`${error.message}\n${said}`);
    });
    if (hasEnded()) throw new Error(`npm run ${script} ended with ${child.exitCode ?? child.signalCode}:\n${said}`);
  };
  const answersReadme = async (): Promise<void> => {
    const readme = await readFile(join(cwd, 'README.md'), 'utf8');
    const requests = [...readme.matchAll(/^```\n(curl [\s\S]+?)^```$/gm)].map(([, lines]) => lines);
    if (requests.length === 0) throw new Error('the README has no request to send');
    const token = /^ +TOKEN=\$\([\s\S]+?'\)$/m.exec(said)?.[0] ?? '';
    // An answer that is an error must fail here.
    const script = ['set -e', 'curl() { command curl --fail-with-body "$@"; }', token, ...requests].join('\n');
    await promisify(execFile)('sh', ['-c', script.replaceAll('127.0.0.1:3000', `127.0.0.1:${port}`)], { cwd, env });
  };
  const interrupt = async (): Promise<void> => {
    process.kill(-(child.pid as number), 'SIGINT');
    await until(`the end of npm run ${script}`, hasEnded);
    const [code, signal] = await exited;
    if (code !== 0 && signal !== 'SIGINT') throw new Error(`npm run ${script} ended with ${code ?? signal}:\n${said}`);
  };
  await answers('/health/ready');
  return { answers, answersReadme, interrupt };
}
