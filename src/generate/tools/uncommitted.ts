import { type ToolOptions, withoutGitsOwn } from './git.ts';
import { throwIfInterrupted } from './interrupted.ts';

/** How many files below a folder differ from the last commit; undefined where git cannot say. @throws the signal's reason where aborted */
export async function countUncommitted(dir: string, { env, signal }: ToolOptions): Promise<number | undefined> {
  const { execa } = await import('execa');
  const result = await execa('git', ['status', '--porcelain', '--', '.'], {
    cwd: dir,
    env: withoutGitsOwn(env),
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    ...(signal && { cancelSignal: signal }),
  });
  await throwIfInterrupted(result, signal);
  return result.failed ? undefined : result.stdout.split('\n').filter(Boolean).length;
}
