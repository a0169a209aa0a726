import { spawn } from 'node:child_process';

export interface RunningCommand {
  /** What it said. Rejects with its last lines where it does not end with 0. */
  done: Promise<string>;
  /** Ends it and what it started, if it still runs. */
  stop(): void;
}

/** Runs a command line without a shell, and tells how long it took. */
export function runCommand(commandLine: string, options: { cwd: string; env: NodeJS.ProcessEnv }): RunningCommand {
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
  const stop = () => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined)
      process.kill(-child.pid, 'SIGTERM');
  };
  const done = ended.then((code) => {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    process.stderr.write(`  ${commandLine}: ${code === 0 ? `${seconds} s` : `exit ${code} after ${seconds} s`}\n`);
    if (code !== 0) throw new Error(`${commandLine} ended with ${code}:\n${lastOf(said)}`);
    return said;
  });
  return { done, stop };
}

/** What failed, where Node's test runner tells it once more at its end; else the last lines. */
function lastOf(said: string): string {
  const failing = said.lastIndexOf('failing tests:');
  const lines = (failing === -1 ? said : said.slice(failing)).split('\n');
  return (failing === -1 ? lines.slice(-80) : lines.slice(0, 200)).join('\n');
}
