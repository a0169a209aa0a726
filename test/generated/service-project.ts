import { spawn } from 'node:child_process';
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** What of this machine a generated service may see; nothing of the test run around it. */
const passedOn = [
  'HOME',
  'TMPDIR',
  'XDG_CACHE_HOME',
  'GOPATH',
  'GOCACHE',
  'GOMODCACHE',
  'GOPROXY',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'npm_config_cache',
  'npm_config_fetch_retries',
  'npm_config_registry',
];

/** `ours` is a PATH with our bins first. The checkout's own tools are taken off it: a service must bring what it runs. */
export function serviceEnvironment(ours: string): NodeJS.ProcessEnv {
  const kept = passedOn.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  const path = ours.split(delimiter).filter((folder) => !folder.endsWith(join('node_modules', '.bin')));
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter), CI: 'true', NO_COLOR: '1' };
}

/** A folder that is gone when the test that asked for it ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'msvc-generated-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** What failed, where Node's test runner tells it once more at its end; else the last lines. */
function lastOf(said: string): string {
  const failing = said.lastIndexOf('failing tests:');
  const lines = (failing === -1 ? said : said.slice(failing)).split('\n');
  return (failing === -1 ? lines.slice(-80) : lines.slice(0, 200)).join('\n');
}

/** Runs a command line without a shell, tells of it, and throws with its last lines where it fails. */
export async function run(commandLine: string, options: { cwd: string; env: NodeJS.ProcessEnv }): Promise<string> {
  const [command = '', ...args] = commandLine.split(' ');
  const startedAt = performance.now();
  // A group of its own: what a script starts ends with it, also where the test's time runs out.
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  onTestFinished(() => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
      process.kill(-child.pid, 'SIGTERM');
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stderr.write(`  ${commandLine}: ${code === 0 ? `${seconds} s` : `exit ${code} after ${seconds} s`}\n`);
  if (code !== 0) throw new Error(`${commandLine} ended with ${code}:\n${lastOf(said)}`);
  return said;
}
