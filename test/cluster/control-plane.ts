import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { appendFileSync, createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../templates/features/servers/once/scripts/free-port.ts';
import { type Access, type Api, api } from './api.ts';
import { type Janitor, janitor } from './janitor.ts';
import { adminKubeconfig } from './kubeconfig.ts';
import { type PodNetwork, startPodNetwork } from './pod-network.ts';

export interface ControlPlane {
  access: Access;
  /** Of the administrator. */
  kubeconfig: string;
  /** Address of etcd: plain HTTP on 127.0.0.1. */
  etcd: string;
  /** Removed with everything in it by `stop`. */
  folder: string;
  /** Its way to pods: whoever plays the kubelets says which there are. */
  network: PodNetwork;
  /** Of etcd, the API server, the controller manager and the scheduler. */
  pids: number[];
  stop(): Promise<void>;
}

/**
 * etcd, API server, controller manager and scheduler on free ports of 127.0.0.1, ready when this resolves. None of it
 * outlives this process. Without `controllers` only the first two: what is written stays as it was written.
 */
export async function startControlPlane(binaries: string, { controllers = true } = {}): Promise<ControlPlane> {
  const folder = await mkdtemp(join(tmpdir(), 'msvc-cluster-'));
  const minder = janitor(folder);
  const processes = new Map<string, ChildProcess>();
  const network = await startPodNetwork(folder);
  const stop = async () => {
    await stopAll(processes, minder);
    await network.close();
  };
  try {
    const { access, etcd } = await startAll(binaries, folder, minder, processes, { controllers, network });
    return {
      access,
      etcd,
      network,
      kubeconfig: join(folder, 'kubeconfig'),
      folder,
      pids: [...processes.values()].map((child) => child.pid as number),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startAll(
  binaries: string,
  folder: string,
  minder: Janitor,
  processes: Map<string, ChildProcess>,
  { controllers, network }: { controllers: boolean; network: PodNetwork },
): Promise<{ access: Access; etcd: string }> {
  const start = (name: string, args: string[]) => {
    // A process group of its own: Ctrl-C reaches only us, and we stop them in order.
    const child = spawn(join(binaries, name), args, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
    if (child.pid) {
      minder.mind(child.pid);
      appendFileSync(join(folder, 'pids'), `${child.pid}\n`);
    }
    child.stderr.pipe(createWriteStream(join(folder, `${name}.log`)));
    processes.set(name, child);
  };
  const ports = new Set<number>();
  while (ports.size < 3) ports.add(await freePort());
  const [client, peer, secure] = ports;
  const etcd = `http://127.0.0.1:${client}`;
  const peers = `http://127.0.0.1:${peer}`;
  const file = (name: string) => join(folder, name);
  const token = randomBytes(16).toString('hex');
  const keys = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  await mkdir(file('certificates'));
  await writeFile(file('accounts.key'), keys.privateKey, { mode: 0o600 });
  await writeFile(file('accounts.pub'), keys.publicKey);
  await writeFile(file('tokens.csv'), `${token},admin,1,"system:masters"\n`, { mode: 0o600 });

  start('etcd', [
    `--data-dir=${file('etcd')}`,
    // Nothing here must survive a power cut.
    '--unsafe-no-fsync',
    '--log-level=error',
    `--listen-client-urls=${etcd}`,
    `--advertise-client-urls=${etcd}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
  ]);
  start('kube-apiserver', [
    `--etcd-servers=${etcd}`,
    `--secure-port=${secure}`,
    '--bind-address=127.0.0.1',
    // Loopback is refused as an advertised address; this one is reserved for documentation (RFC 5737).
    '--advertise-address=192.0.2.10',
    `--cert-dir=${file('certificates')}`,
    `--service-account-key-file=${file('accounts.pub')}`,
    `--service-account-signing-key-file=${file('accounts.key')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--authorization-mode=RBAC',
    `--token-auth-file=${file('tokens.csv')}`,
    '--allow-privileged',
    `--egress-selector-config-file=${network.config}`,
    // Tests send bursts; fairness between them is not what they test.
    '--max-requests-inflight=2000',
    '--max-mutating-requests-inflight=1000',
  ]);

  const server = `https://127.0.0.1:${secure}`;
  const ca = await untilReady(folder, server, token, processes);
  const access = { server, ca, token };
  await writeFile(file('kubeconfig'), adminKubeconfig(access), { mode: 0o600 });

  if (!controllers) return { access, etcd };
  const shared = [`--kubeconfig=${file('kubeconfig')}`, '--leader-elect=false', '--secure-port=0'];
  const quick = ['--kube-api-qps=500', '--kube-api-burst=1000'];
  start('kube-controller-manager', [
    ...shared,
    ...quick,
    `--service-account-private-key-file=${file('accounts.key')}`,
    `--root-ca-file=${file('certificates/apiserver.crt')}`,
    '--concurrent-deployment-syncs=20',
    '--concurrent-replicaset-syncs=20',
    '--concurrent-service-endpoint-syncs=20',
    '--concurrent-namespace-syncs=20',
  ]);
  start('kube-scheduler', [...shared, ...quick]);
  return { access, etcd };
}

/** The server makes its own certificate at its first start: it is its own authority, so clients can verify it. */
async function untilReady(
  folder: string,
  server: string,
  token: string,
  processes: Map<string, ChildProcess>,
): Promise<string> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    for (const [name, child] of processes) {
      if (child.exitCode === null) continue;
      const log = await readFile(join(folder, `${name}.log`), 'utf8').catch(() => '');
      throw new Error(`${name} ended with ${child.exitCode}:\n${log.slice(-2000)}`);
    }
    let probe: Api | undefined;
    try {
      const ca = await readFile(join(folder, 'certificates/apiserver.crt'), 'utf8');
      probe = api({ server, ca, token });
      await probe.get('/readyz');
      return ca;
    } catch (error) {
      if (Date.now() > deadline) throw new Error('the API server was not ready after two minutes', { cause: error });
      await pause(100);
    } finally {
      probe?.close();
    }
  }
}

/** Those that talk first, what they talk to last. */
async function stopAll(processes: Map<string, ChildProcess>, minder: Janitor): Promise<void> {
  for (const name of ['kube-scheduler', 'kube-controller-manager', 'kube-apiserver', 'etcd']) {
    const child = processes.get(name);
    if (!child || child.exitCode !== null || child.signalCode !== null) continue;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    // The data goes with them, so nothing needs to be written down first.
    child.kill('SIGKILL');
    await gone;
  }
  await minder.clean();
}
