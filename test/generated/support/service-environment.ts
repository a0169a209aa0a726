import { delimiter, join } from 'node:path';

/** What of this machine a generated service may see; nothing of the test run around it. */
const passedOn = [
  'HOME',
  'TMPDIR',
  'XDG_CACHE_HOME',
  'GOPATH',
  'GOCACHE',
  'GOMODCACHE',
  'GOPROXY',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  // Whom to trust, behind a proxy that signs for itself. What npm is configured with lies beside the Node that came with
  // it: another Node asks each package three times in vain, a minute long, before it takes what is cached.
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'npm_config_cache',
  'npm_config_cafile',
  'npm_config_fetch_retries',
  'npm_config_registry',
];

/** `ours` is a PATH with our bins first. The checkout's own tools are taken off it: a service must bring what it runs. */
export function serviceEnvironment(ours: string): NodeJS.ProcessEnv {
  const kept = passedOn.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  const path = ours.split(delimiter).filter((folder) => !folder.endsWith(join('node_modules', '.bin')));
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter), CI: 'true', NO_COLOR: '1' };
}
