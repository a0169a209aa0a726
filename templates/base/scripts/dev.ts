import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rename, rm } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { bundle } from './bundle.ts';
import { changes } from './changes.ts';
import { withLocalPrograms } from './local-programs.ts';
import { whatToTry } from './what-to-try.ts';

/**
 * `npm run dev`: the service and the programs it needs, started again at every change. Settings come from .env.
 * What does not compile is told, and the version that ran goes on.
 */
const watched = ['src', 'contracts', 'package.json', 'tsconfig.json', '.env'];
const [running, compiled] = ['.build/dev', '.build/dev-next'];

const shell = { ...process.env };
Object.assign(process.env, await readDotEnv(), shell);
const configured = { ...process.env };

process.exitCode = await withLocalPrograms('dev', async (env) => {
  const stopping = new AbortController();
  // SIGHUP: the terminal was closed.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stopping.abort());
  const ofPrograms = Object.fromEntries(Object.entries(env).filter(([name, value]) => configured[name] !== value));
  let told = '';

  const start = async (): Promise<ChildProcess> => {
    await rm(running, { recursive: true, force: true });
    await rename(compiled, running);
    const child = spawn(process.execPath, ['--enable-source-maps', `${running}/main.js`], {
      // It does not read: one that did would outlive a terminal that is closed.
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { NODE_ENV: 'development', ...ofPrograms, ...(await readDotEnv()), ...shell },
    });
    child.once('exit', (code, signal) => {
      if (code !== 0 && !stopping.signal.aborted)
        console.error(`The service ended (${signal ?? code}); it starts again at the next change`);
    });
    child.once('message', async (message) => {
      const text = await whatToTry((message as { listening: string }).listening);
      // Once, and again where the contract has changed.
      if (text !== told) console.log(text);
      told = text;
    });
    return child;
  };

  // Before the first compilation: what is saved during it counts.
  const changed = changes(watched, stopping.signal);
  let service = (await compile()) ? await start() : undefined;
  if (!service) console.error('It does not compile yet; it starts as soon as it does');
  for await (const files of changed) {
    console.log(`Changed: ${files.slice(0, 3).join(', ')}${files.length > 3 ? ` and ${files.length - 3} more` : ''}`);
    if (await compile()) {
      await stop(service);
      service = await start();
    } else if (isRunning(service)) console.error('It does not compile: the last version that did goes on');
    else console.error('It does not compile; it starts as soon as it does');
  }
  await stop(service);
  return 0;
});

/** What .env says now, where there is one. */
async function readDotEnv(): Promise<NodeJS.ProcessEnv> {
  return existsSync('.env') ? parseEnv(await readFile('.env', 'utf8')) : {};
}

/** Beside the version that runs, which keeps all of its files. @returns false where it does not compile, and why was told. */
async function compile(): Promise<boolean> {
  await rm(compiled, { recursive: true, force: true });
  try {
    const build = await bundle({ outdir: compiled, outbase: 'src' });
    await build.rebuild().finally(() => build.dispose());
    return true;
  } catch (error) {
    // Of what stands in a file esbuild has told by itself.
    if (!(error as { errors?: unknown }).errors) console.error((error as Error).message);
    return false;
  }
}

function isRunning(service: ChildProcess | undefined): service is ChildProcess {
  return service !== undefined && service.exitCode === null && service.signalCode === null;
}

async function stop(service: ChildProcess | undefined): Promise<void> {
  if (!isRunning(service)) return;
  const exited = once(service, 'exit');
  service.kill('SIGTERM');
  await exited;
}
