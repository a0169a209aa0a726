import { throwIfInterrupted } from './interrupted.ts';

export interface ToolOptions {
  env: Readonly<Record<string, string | undefined>>;
  signal?: AbortSignal | undefined;
}

export interface GitRun {
  ok: boolean;
  /** There is no git here. */
  absent: boolean;
  stdout: Buffer;
  /** Why it failed, in git's words, from outside. */
  said: string;
}

/** Variables that git sets for its hooks; they would lead our git into the repository of whoever called us. */
const hooksOwn = /^GIT_(?:DIR|WORK_TREE|INDEX_FILE|PREFIX|OBJECT_DIRECTORY|COMMON_DIR)$/;

/** One run of git in a folder, which asks nobody. A failure is an outcome. @throws the signal's reason where aborted */
export async function runGit(
  dir: string,
  args: readonly string[],
  { env, signal }: ToolOptions,
  input?: string,
): Promise<GitRun> {
  const { execa } = await import('execa');
  const result = await execa('git', args, {
    cwd: dir,
    env: Object.fromEntries(Object.entries(env).filter(([name]) => !hooksOwn.test(name))),
    extendEnv: false,
    encoding: 'buffer',
    stripFinalNewline: false,
    maxBuffer: 256 * 1024 * 1024,
    reject: false,
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
    ...(signal && { cancelSignal: signal }),
  });
  await throwIfInterrupted(result, signal);
  const stdout = Buffer.from(result.stdout);
  const said = result.failed ? `${Buffer.from(result.stderr)}${stdout}` : '';
  return { ok: !result.failed, absent: result.code === 'ENOENT', stdout, said };
}
