import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Json } from './api.ts';

/** Where processes of this machine stand for a pod's ports: "3000=45123,9090=45124", container's port first. */
export const servesAnnotation = 'test.msvc.dev/serves';
/** Path of a file that is the log of a pod's containers. */
export const logAnnotation = 'test.msvc.dev/log';

/**
 * The way of the API server to pods and kubelets: it asks for every connection by a Unix socket (an egress selector), and
 * here it ends at a process on 127.0.0.1. What nothing stands for refuses, as a pod does that does not listen.
 */
export interface PodNetwork {
  /** For `--egress-selector-config-file`. */
  config: string;
  /** A pod with its address, or that it is gone. */
  know(ip: string, pod: Json | undefined): void;
  close(): Promise<void>;
}

const kubeletPort = 10_250;

/** @param folder of the control plane; the certificate of the API server in it serves as the kubelets' too */
export async function startPodNetwork(folder: string): Promise<PodNetwork> {
  const pods = new Map<string, Json>();
  const sockets = new Set<Socket>();
  let kubelet: Promise<TlsServer> | undefined;
  const server = createServer();
  server.on('connect', async (request: IncomingMessage, socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    const [host = '', port = ''] = (request.url ?? '').split(/:(?=\d+$)/);
    const to = Number(port) === kubeletPort ? await portOfKubelet() : servedAt(pods.get(host), port);
    if (to === undefined) return void socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\nconnection refused');
    const there = connect(to, '127.0.0.1');
    there.once('connect', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.pipe(there).pipe(socket);
    });
    there.on('error', () => socket.destroy());
    socket.on('close', () => there.destroy());
  });
  async function portOfKubelet(): Promise<number> {
    kubelet ??= startKubelet(folder, pods);
    return ((await kubelet).address() as AddressInfo).port;
  }

  const path = join(folder, 'egress.sock');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const config = join(folder, 'egress.json');
  const connection = { proxyProtocol: 'HTTPConnect', transport: { uds: { udsName: path } } };
  const selection = {
    apiVersion: 'apiserver.k8s.io/v1beta1',
    kind: 'EgressSelectorConfiguration',
    egressSelections: [{ name: 'cluster', connection }],
  };
  await writeFile(config, JSON.stringify(selection));
  return {
    config,
    know: (ip, pod) => void (pod ? pods.set(ip, pod) : pods.delete(ip)),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      const tls = await kubelet;
      tls?.closeAllConnections();
      tls?.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const servedAt = (pod: Json | undefined, port: string): number | undefined => {
  const served: string = pod?.metadata.annotations?.[servesAnnotation] ?? '';
  const found = served.split(',').find((one) => one.startsWith(`${port}=`));
  return found === undefined ? undefined : Number(found.slice(port.length + 1));
};

/** The part of a kubelet that gives logs: `/containerLogs/<namespace>/<pod>/<container>?tailLines=…&limitBytes=…`. */
async function startKubelet(folder: string, pods: ReadonlyMap<string, Json>): Promise<TlsServer> {
  const [cert, key] = await Promise.all(
    ['crt', 'key'].map((end) => readFile(join(folder, `certificates/apiserver.${end}`))),
  );
  const server = createTlsServer({ cert, key }, (request, answer) => void giveLog(request, answer, pods));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

async function giveLog(
  request: IncomingMessage,
  answer: ServerResponse,
  pods: ReadonlyMap<string, Json>,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'https://kubelet');
  const [, kind, namespace, name] = pathname.split('/');
  const pod = [...pods.values()].find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  const file: string | undefined = pod?.metadata.annotations?.[logAnnotation];
  if (kind !== 'containerLogs' || file === undefined) return void answer.writeHead(404).end('no such log');
  const text = await readFile(file, 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line !== '');
  const tail = searchParams.get('tailLines');
  const wanted = tail === null ? lines : lines.slice(-Number(tail));
  const limit = Number(searchParams.get('limitBytes') ?? Number.POSITIVE_INFINITY);
  const bytes = Buffer.from(wanted.map((line) => `${line}\n`).join(''));
  answer.writeHead(200, { 'content-type': 'text/plain' }).end(bytes.subarray(0, Math.min(limit, bytes.length)));
}
