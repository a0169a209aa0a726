import { readdir } from 'node:fs/promises';

/** A program that `npm run dev` and `npm test` need beside the service: a database, a broker. One a file in scripts/local/. */
export interface LocalProgram {
  name: string;
  /** Starts it, unless `env` says that the developer has one; `env` of the result is added to the service's. */
  start(options: {
    purpose: 'dev' | 'test';
    env: Readonly<NodeJS.ProcessEnv>;
  }): Promise<{ env?: Record<string, string>; stop?(): Promise<void> }>;
}

export const defineLocalProgram = (program: LocalProgram): LocalProgram => program;

/** Runs work with all local programs up, and stops them after it, also when it failed or Ctrl-C ended it. */
export async function withLocalPrograms(
  purpose: 'dev' | 'test',
  work: (env: NodeJS.ProcessEnv) => Promise<number>,
): Promise<number> {
  let env: NodeJS.ProcessEnv = { ...process.env };
  const stops: (() => Promise<void>)[] = [];
  // The child gets Ctrl-C too and ends by itself; this process stays to stop the programs.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  try {
    for (const program of await findPrograms()) {
      const { env: added, stop } = await program.start({ purpose, env });
      env = { ...env, ...added };
      if (stop) stops.push(stop);
    }
    return await work(env);
  } finally {
    for (const stop of stops.reverse()) await stop();
  }
}

async function findPrograms(): Promise<LocalProgram[]> {
  const folder = new URL('./local/', import.meta.url);
  const files = await readdir(folder).catch(() => []);
  const modules = files.filter((file) => file.endsWith('.ts')).sort();
  return Promise.all(modules.map(async (file) => (await import(new URL(file, folder).href)).default as LocalProgram));
}
