import { runCommand } from './run-command.ts';

/**
 * What makes npm give up, and name the address, where a registry or a proxy takes a request and says nothing: by itself
 * it waits for five minutes, three times, which is a quarter of an hour for each such request.
 */
const patience = '--fetch-timeout=60000 --fetch-retry-maxtimeout=10000';

/** Installs what the package.json in a folder asks for. @throws with npm's last lines where it fails or does not end */
export const install = (cwd: string, env: NodeJS.ProcessEnv): Promise<string> =>
  runCommand(`npm install --no-audit --no-fund ${patience}`, { cwd, env, longestMs: 900_000 }).done;
