import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent, type RequestOptions } from 'node:https';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
// Its own module, not the package's index: that would load the typed clients of every API.
import { KubeConfig } from '@kubernetes/client-node/dist/config.js';
import { UserError } from '../../../errors.ts';
import { withoutSecrets } from '../../../harmless.ts';
import type { Ports } from '../../../ports.ts';

/** An API server, and how to be let in. */
export interface Connection {
  server: URL;
  agent: HttpAgent;
  /** Fresh on every call: tokens of files and credential plugins expire during long runs. */
  headers(): Promise<Record<string, string>>;
  /** Name of the context; `in-cluster` for a service account. */
  context: string;
  /** The context's namespace, `default` where it names none. */
  namespace: string;
}

const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/**
 * The connection that kubectl would use: `--kubeconfig`, `KUBECONFIG`, `~/.kube/config`, the pod's service account.
 *
 * @throws UserError NO_KUBECONFIG, BROKEN_KUBECONFIG, UNKNOWN_CONTEXT
 */
export async function connect(
  options: { kubeconfig?: string | undefined; context?: string | undefined },
  { env, cwd }: Pick<Ports, 'env' | 'cwd'>,
): Promise<Connection> {
  const { config, origin } = await load(options.kubeconfig, env, cwd);
  const context = options.context ?? config.getCurrentContext();
  const known = config.getContexts().map(({ name }) => name);
  if (!context || !known.includes(context)) throw unknownContext(context, known, origin);
  config.setCurrentContext(context);
  const cluster = config.getCurrentCluster();
  if (!cluster?.server || !URL.canParse(cluster.server)) {
    throw broken(origin, `context "${context}" leads to no cluster with a server address`);
  }
  const server = new URL(cluster.server);
  // `kubectl proxy` and its like speak plain HTTP; client-node allows that only where no certificate is to be verified.
  if (server.protocol === 'http:') Object.assign(cluster, { skipTLSVerify: true });
  return {
    server,
    agent: agentOf(await credentials(config), server, Boolean(cluster.proxyUrl)),
    headers: async () => headersOf(await credentials(config)),
    context: origin === serviceAccountToken ? 'in-cluster' : context,
    namespace: config.getContextObject(context)?.namespace ?? 'default',
  };
}

/**
 * Names of the contexts among which `--context` chooses.
 *
 * @throws UserError NO_KUBECONFIG, BROKEN_KUBECONFIG
 */
export async function contextNames(
  options: { kubeconfig?: string | undefined },
  { env, cwd }: Pick<Ports, 'env' | 'cwd'>,
): Promise<string[]> {
  const { config } = await load(options.kubeconfig, env, cwd);
  return config.getContexts().map(({ name }) => name);
}

/**
 * That each of them is there, before any is read.
 *
 * @throws UserError NO_KUBECONFIG, BROKEN_KUBECONFIG, UNKNOWN_CONTEXT
 */
export async function mustKnowContexts(
  contexts: readonly string[],
  options: { kubeconfig?: string | undefined },
  { env, cwd }: Pick<Ports, 'env' | 'cwd'>,
): Promise<void> {
  const { config, origin } = await load(options.kubeconfig, env, cwd);
  const known = config.getContexts().map(({ name }) => name);
  const strange = contexts.find((name) => !known.includes(name));
  if (strange !== undefined) throw unknownContext(strange, known, origin);
}

async function load(given: string | undefined, env: Ports['env'], cwd: string) {
  const fromEnv = (env.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== '');
  const home = join(env.HOME ?? env.USERPROFILE ?? homedir(), '.kube', 'config');
  const candidates = given ? [given] : fromEnv.length > 0 ? fromEnv : existsSync(home) ? [home] : [];
  const files = candidates.map((path) => resolve(cwd, path));
  // kubectl skips files of KUBECONFIG that are not there; a file that was asked for by name must be.
  const present = files.filter((file) => existsSync(file));
  if (present.length === 0) return { config: inCluster(files), origin: serviceAccountToken };
  const config = new KubeConfig();
  for (const [index, file] of present.entries()) {
    try {
      const one = index === 0 ? config : new KubeConfig();
      await readFile(file);
      one.loadFromFile(file);
      if (one !== config) config.mergeConfig(one, Boolean(config.getCurrentContext()));
    } catch (error) {
      throw broken(file, firstLine(error));
    }
  }
  return { config, origin: present.join(delimiter) };
}

function inCluster(asked: readonly string[]): KubeConfig {
  if (asked.length > 0 || !existsSync(serviceAccountToken)) {
    throw new UserError({
      code: 'NO_KUBECONFIG',
      what: asked.length > 0 ? `There is no kubeconfig at ${asked.join(' or ')}` : 'There is no kubeconfig',
      why:
        asked.length > 0
          ? 'The file that was named does not exist.'
          : 'Neither --kubeconfig nor KUBECONFIG names one, ~/.kube/config does not exist, and this is no pod with a service account.',
      fix: 'Name one: msvc check-cluster --kubeconfig FILE. Without a cluster, try: msvc check-cluster --demo',
    });
  }
  const config = new KubeConfig();
  config.loadFromCluster();
  return config;
}

/** Without what it may quote of the file, or of what a credential command wrote. */
const firstLine = (error: unknown): string =>
  withoutSecrets(((error as Error).message.split('\n')[0] ?? '').replace(/<[^>]*>|(?<=(?:tag|alias) )"[^"]*"/g, '…'));

/** Certificates, token, basic auth: whatever the kubeconfig's user has, or its credential command gives. */
async function credentials(config: KubeConfig): Promise<RequestOptions> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
    return options;
  } catch (error) {
    throw new UserError({
      code: 'NO_CREDENTIALS',
      what: 'The credentials for the cluster could not be had',
      why: `A file or command that the kubeconfig's user names failed: ${firstLine(error)}`,
      fix: 'Run: kubectl auth whoami. When that works, run this again',
      exitCode: 4,
      cause: error,
    });
  }
}

function agentOf(options: RequestOptions, server: URL, proxied: boolean): HttpAgent {
  if (proxied) return options.agent as HttpAgent;
  if (server.protocol === 'http:') return new HttpAgent({ keepAlive: true });
  const { ca, cert, key, pfx, passphrase, servername, rejectUnauthorized } = options;
  const given = Object.entries({ ca, cert, key, pfx, passphrase, servername, rejectUnauthorized });
  return new HttpsAgent({ keepAlive: true, ...Object.fromEntries(given.filter(([, value]) => value !== undefined)) });
}

function headersOf(options: RequestOptions): Record<string, string> {
  const basic = options.auth ? { Authorization: `Basic ${Buffer.from(options.auth).toString('base64')}` } : {};
  return { ...(options.headers as Record<string, string> | undefined), ...basic };
}

const broken = (origin: string, why: string) =>
  new UserError({
    code: 'BROKEN_KUBECONFIG',
    what: `The kubeconfig ${origin} cannot be used`,
    why,
    fix: 'Look at it with: kubectl config view. Or name another: --kubeconfig FILE',
  });

const unknownContext = (context: string | undefined, known: readonly string[], origin: string) =>
  new UserError({
    code: 'UNKNOWN_CONTEXT',
    what: context ? `There is no context "${context}"` : 'The kubeconfig names no current context',
    why: `${origin} has ${known.length === 0 ? 'no contexts' : known.slice(0, 10).join(', ')}.`,
    fix: known[0]
      ? `Choose one: msvc check-cluster --context ${known[0]}`
      : 'Name another kubeconfig: --kubeconfig FILE',
  });
