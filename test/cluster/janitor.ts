import { spawn } from 'node:child_process';

/**
 * Ends the processes it was told of and removes their data when this process is gone, however it went: its standard input
 * is a pipe whose other end closes with us, also after SIGKILL. A shell in a session of its own: Ctrl-C does not reach it.
 */
export interface Janitor {
  pid: number;
  /** A process that must not outlive us. */
  mind(pid: number): void;
  /** Ends and removes now; resolves when it is done. */
  clean(): Promise<void>;
}

const script = `
pids=
while read -r pid; do pids="$pids $pid"; done
[ -z "$pids" ] || kill -9 $pids 2>/dev/null
rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }
`;

export function janitor(folder: string): Janitor {
  const shell = spawn('/bin/sh', ['-c', script, 'janitor', folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const gone = new Promise<void>((resolve) => shell.once('close', () => resolve()));
  shell.unref();
  return {
    pid: shell.pid as number,
    mind: (pid) => void shell.stdin.write(`${pid}\n`),
    clean: () => {
      // Now it is waited for, also where nothing else keeps this process.
      shell.ref();
      shell.stdin.end();
      return gone;
    },
  };
}
