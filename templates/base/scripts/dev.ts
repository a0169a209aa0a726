import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { bundle } from './bundle.ts';
import { withLocalPrograms } from './local-programs.ts';

/**
 * `npm run dev`: the service and the programs it needs, started again at every change in src/. Settings come from .env.
 * What does not compile is told, and the service that ran goes on.
 */
const outdir = '.build/dev';
if (existsSync('.env')) process.loadEnvFile('.env');

process.exitCode = await withLocalPrograms('dev', async (env) => {
  const stopping = new AbortController();
  // SIGHUP: the terminal was closed.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stopping.abort());
  const start = () =>
    spawn(process.execPath, ['--enable-source-maps', `${outdir}/main.js`], {
      // It does not read: one that did would outlive a terminal that is closed.
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { NODE_ENV: 'development', ...env },
    }).once('exit', (code, signal) => {
      if (code !== 0 && !stopping.signal.aborted)
        console.error(`The service ended (${signal ?? code}); it starts again at the next change`);
    });

  // Before the first compilation: what is saved during it counts.
  const changed = changes('src', stopping.signal);
  let service = (await compile()) ? start() : undefined;
  for await (const _ of changed) {
    if (!(await compile())) continue;
    await stop(service);
    service = start();
  }
  await stop(service);
  return 0;
});

/** @returns false where it does not compile; esbuild has then said why. */
async function compile(): Promise<boolean> {
  const build = await bundle({ outdir, outbase: 'src' });
  try {
    await build.rebuild();
    return true;
  } catch {
    return false;
  } finally {
    await build.dispose();
  }
}

async function stop(service: ChildProcess | undefined): Promise<void> {
  if (!service || service.exitCode !== null || service.signalCode !== null) return;
  const exited = once(service, 'exit');
  service.kill('SIGTERM');
  await exited;
}

/** Watches from now on; one item for each burst of changes: an editor writes a file in several steps. */
function changes(folder: string, signal: AbortSignal): AsyncIterable<void> {
  let notify = () => {};
  let changed = false;
  const watching = (async () => {
    for await (const _ of watch(folder, { recursive: true, signal })) {
      changed = true;
      setTimeout(() => notify(), 50);
    }
  })().catch(() => notify());
  return (async function* () {
    while (!signal.aborted) {
      if (!changed) await new Promise<void>((resolve) => (notify = resolve));
      changed = false;
      if (!signal.aborted) yield;
    }
    await watching;
  })();
}
