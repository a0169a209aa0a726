import { homedir } from 'node:os';
import { join } from 'node:path';

/** Per-user folder for what tests and benchmarks build or install once; safe to delete at any time. */
export const cacheFolder = (env: NodeJS.ProcessEnv, ...parts: string[]): string =>
  // An empty variable counts as none (XDG Base Directory Specification).
  join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'create-microservice', ...parts);
