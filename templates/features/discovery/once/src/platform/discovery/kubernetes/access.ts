import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How a pod reaches the API server of its cluster. */
export interface Access {
  server: string;
  ca: string;
  /** Its own namespace. */
  namespace: string;
  /** Read anew for each request: the kubelet renews the file. */
  token(): Promise<string>;
}

/** @throws Error with what is missing, which is said after "needs". */
export function readAccess(env: Readonly<Record<string, string | undefined>>, folder: string): Access {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = env;
  if (!host) throw new Error('to run in a pod: KUBERNETES_SERVICE_HOST is not set');
  const read = (name: string) => {
    try {
      return readFileSync(join(folder, name), 'utf8').trim();
    } catch {
      throw new Error(`${join(folder, name)}, which deploy/watching mounts`);
    }
  };
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    ca: read('ca.crt'),
    namespace: read('namespace'),
    token: async () => (await readFile(join(folder, 'token'), 'utf8')).trim(),
  };
}
