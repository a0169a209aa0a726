import { type ToolOptions, withoutGitsOwn } from './git.ts';

/** How many files below a folder differ from the last commit; undefined where git cannot say. Throws where aborted. */
export async function countUncommitted(dir: string, { env, signal }: ToolOptions): Promise<number | undefined> {
  const { execa } = await import('execa');
  const { failed, stdout } = await execa('git', ['status', '--porcelain', '--', '.'], {
    cwd: dir,
    env: withoutGitsOwn(env),
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    ...(signal && { cancelSignal: signal }),
  });
  signal?.throwIfAborted();
  return failed ? undefined : stdout.split('\n').filter(Boolean).length;
}
