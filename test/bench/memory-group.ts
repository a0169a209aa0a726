import { accessSync, constants, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../cluster/until.ts';

const root = '/sys/fs/cgroup/memory';

/** As much as the Deployment of a generated service gives a pod. */
export const podBytes = 256 * 1_048_576;

/** Processes with one limit of memory, as a container has it. */
export interface MemoryGroup {
  /** What comes before a command that is to run in it. */
  command: readonly string[];
  /** Bytes that they had at most, with what the kernel keeps for them. */
  peak(): number;
  /** How many of them were killed because there was no more. */
  killed(): number;
  /** Once they have ended. */
  remove(): Promise<void>;
}

/** For what cannot be measured without: undefined, or why this machine cannot limit memory. */
export function withoutMemoryGroups(): string | undefined {
  try {
    accessSync(join(root, 'cgroup.procs'), constants.W_OK);
    return undefined;
  } catch {
    return `only root can limit memory, and only by cgroup v1 (${root})`;
  }
}

export function openMemoryGroup(name: string, bytes = podBytes): MemoryGroup {
  const folder = join(root, `msvc-${process.pid}-${name}`);
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');
  mkdirSync(folder);
  writeFileSync(join(folder, 'memory.limit_in_bytes'), String(bytes));
  return {
    // The shell becomes the command, so that it is in the group from its first page on.
    command: ['sh', '-c', 'echo $$ > "$0" && exec "$@"', join(folder, 'cgroup.procs')],
    peak: () => Number(read('memory.max_usage_in_bytes')),
    killed: () => Number(/oom_kill (\d+)/.exec(read('memory.oom_control'))?.[1]),
    async remove() {
      await until('its processes have ended', async () => read('cgroup.procs') === '');
      rmdirSync(folder);
    },
  };
}
