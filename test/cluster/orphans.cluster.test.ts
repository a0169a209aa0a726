import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { isAlive } from '../../templates/features/servers/once/scripts/lock.ts';
import { until } from './until.ts';
import { describeCluster } from './use-cluster.ts';

describeCluster('a cluster of its own process', () => {
  let serving: ChildProcess | undefined;
  afterEach(() => {
    serving?.kill('SIGKILL');
  });

  async function serve(): Promise<{ folder: string; pids: number[] }> {
    const child = spawn(process.execPath, ['--import', 'tsx', join(import.meta.dirname, 'serve.ts')], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    serving = child;
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    await until('the cluster to be ready', () => said.includes('export KUBECONFIG='), { timeout: 110_000 });
    const folder = dirname(said.trim().replace('export KUBECONFIG=', ''));
    const pids = readFileSync(join(folder, 'pids'), 'utf8').trim().split('\n').map(Number);
    return { folder, pids };
  }

  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)('leaves no process and no data after %s', async (signal) => {
    const { folder, pids } = await serve();
    expect(pids).toHaveLength(4);
    expect(pids.filter(isAlive)).toEqual(pids);
    serving?.kill(signal);
    await until(`${folder} to be gone`, () => !existsSync(folder));
    await until('its processes to be gone', () => !pids.some(isAlive));
  });
});
