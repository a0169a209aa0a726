import type { PackageManager } from '../record.ts';
import { throwIfInterrupted } from './interrupted.ts';
import type { ToolOptions } from './run-git.ts';

export type InstallOutcome =
  | { ok: true; seconds: number }
  /** `command` is what to run to go on, `tail` the last lines that the package manager said (from outside: make harmless). */
  | { ok: false; command: string; reason: string; tail: string };

export interface InstallOptions extends ToolOptions {
  /** Each line that the package manager says. */
  onLine?: ((line: string) => void) | undefined;
}

// With the tools of development, also where NODE_ENV=production stands in the shell: lint, tests and build need them.
const args: Readonly<Record<PackageManager, readonly string[]>> = {
  npm: ['install', '--include=dev', '--no-audit', '--no-fund'],
  pnpm: ['install', '--prod=false'],
};

/** Enough to see what went wrong, and no more than a screen. */
const tailLines = 15;

/** Runs `npm install` or `pnpm install` in a folder. A failure is an outcome. @throws the signal's reason where aborted */
export async function installDependencies(
  dir: string,
  packageManager: PackageManager,
  { env, signal, onLine }: InstallOptions,
): Promise<InstallOutcome> {
  const { execa } = await import('execa');
  const startedAt = performance.now();
  const tail: string[] = [];
  const running = execa(packageManager, args[packageManager], {
    cwd: dir,
    env: { ...env },
    extendEnv: false,
    stdin: 'ignore',
    all: true,
    buffer: false,
    reject: false,
    ...(signal && { cancelSignal: signal }),
  });
  for await (const line of running.iterable({ from: 'all' })) {
    tail.push(line);
    if (tail.length > tailLines) tail.shift();
    onLine?.(line);
  }
  const result = await running;
  await throwIfInterrupted(result, signal);
  if (!result.failed) return { ok: true, seconds: (performance.now() - startedAt) / 1000 };
  return {
    ok: false,
    command: `${packageManager} install`,
    reason:
      result.code === 'ENOENT'
        ? `${packageManager} is not installed`
        : result.signal !== undefined
          ? `${packageManager} was stopped by ${result.signal}`
          : `${packageManager} ended with ${result.exitCode}`,
    tail: tail.join('\n'),
  };
}
