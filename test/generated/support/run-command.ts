import { spawn } from 'node:child_process';

export interface RunningCommand {
  /** What it said. Rejects with its last lines where it does not end with 0. */
  done: Promise<string>;
  /** Ends it and what it started, if it still runs. */
  stop(): void;
}

interface RunOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Milliseconds after which it is ended, and fails; without them somebody else sees to that. */
  longestMs?: number;
}

/** Runs a command line without a shell, and tells how long it took. */
export function runCommand(commandLine: string, { longestMs, ...options }: RunOptions): RunningCommand {
  const [command = '', ...args] = commandLine.split(' ');
  const startedAt = performance.now();
  // A group of its own: what a script starts ends with it.
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  const end = (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
      process.kill(-child.pid, signal);
  };
  // Whatever it is busy with: there is nothing of it that must be left in order.
  const limit = longestMs === undefined ? undefined : setTimeout(end, longestMs, 'SIGKILL');
  const done = ended.then((code) => {
    clearTimeout(limit);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    process.stderr.write(`  ${commandLine}: ${code === 0 ? `${seconds} s` : `exit ${code} after ${seconds} s`}\n`);
    const end = child.signalCode === 'SIGKILL' ? 'was ended, unfinished' : `ended with ${code}`;
    if (code !== 0) throw new Error(`${commandLine} ${end}:\n${lastOf(said)}`);
    return said;
  });
  return { done, stop: () => end('SIGTERM') };
}

/** What failed, where Node's test runner tells it once more at its end; else the last lines. */
function lastOf(said: string): string {
  const failing = said.lastIndexOf('failing tests:');
  const lines = (failing === -1 ? said : said.slice(failing)).split('\n');
  return (failing === -1 ? lines.slice(-80) : lines.slice(0, 200)).join('\n');
}
