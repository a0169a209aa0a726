import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { ServiceProcess } from './process.ts';

// The program is process 1 of a process namespace, as in a container: signals that it does not listen to do nothing.
const namespace = ['unshare', '--pid', '--fork', '--kill-child'];

/** For `test(name, { skip: withoutNamespaces }, …)`: false, or why this machine cannot run a program as process 1. */
export const withoutNamespaces: string | false =
  spawnSync(namespace[0] as string, [...namespace.slice(1), 'true']).status === 0
    ? false
    : 'unshare is not there or may not make a process namespace';

/** The command that runs another one as process 1. */
export const asProcessOne = (command: readonly string[]): string[] => [...namespace, ...command];

/** Sends a signal to the program inside. */
export function signalProcessOne({ child }: ServiceProcess, signal: NodeJS.Signals): void {
  const [inside] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ');
  process.kill(Number(inside), signal);
}
