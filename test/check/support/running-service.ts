import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../../templates/features/servers/once/scripts/free-port.ts';
import { until } from '../../cluster/until.ts';
import { runCommand } from '../../generated/support/run-command.ts';

/** A generated service that runs on this machine, and the file that its log goes to. */
export interface LocalService {
  port: number;
  log: string;
  stop(): Promise<void>;
}

/** Installs, builds and starts a service as its image would, until it is ready. @param folder of the service */
export async function startService(folder: string, env: NodeJS.ProcessEnv): Promise<LocalService> {
  const clean = { ...process.env, NODE_OPTIONS: '' };
  await runCommand('npm install --no-audit --no-fund', { cwd: folder, env: clean }).done;
  await runCommand('npm run build', { cwd: folder, env: clean }).done;
  const port = await freePort();
  const log = join(folder, 'service.log');
  const child = spawn(process.execPath, ['dist/main.js'], {
    cwd: folder,
    env: { ...clean, NODE_ENV: 'production', HOST: '127.0.0.1', PORT: String(port), SHUTDOWN_DELAY_MS: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const file = createWriteStream(log);
  child.stdout.pipe(file, { end: false });
  child.stderr.pipe(file, { end: false });
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const url = `http://127.0.0.1:${port}/health/ready`;
  await until(`${url}`, async () => hasEnded() || (await fetch(url).catch(() => undefined))?.status === 200);
  if (hasEnded()) throw new Error(`the service ended with ${child.exitCode ?? child.signalCode}: see ${log}`);
  return {
    port,
    log,
    stop: async () => {
      if (hasEnded()) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
      file.end();
    },
  };
}
