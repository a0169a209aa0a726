import { readFile } from 'node:fs/promises';
import { ServerCredentials } from '@grpc/grpc-js';
import type rpcSettings from '../../settings/rpc.ts';

type Settings = Pick<ReturnType<typeof rpcSettings>, 'certFile' | 'keyFile' | 'clientCaFile'>;

/** Certificates are renewed days before they end. */
const lookAgainMs = 60_000;

interface TlsFiles {
  credentials: ServerCredentials;
  /** What is in them, to tell whether they were renewed. */
  content: string;
}

/** @throws Error where a file is none */
export async function readTls({ certFile, keyFile, clientCaFile }: Settings): Promise<TlsFiles> {
  if (!certFile || !keyFile) return { credentials: ServerCredentials.createInsecure(), content: '' };
  const [certificate, key, clientCa] = await Promise.all([
    readFile(certFile),
    readFile(keyFile),
    clientCaFile ? readFile(clientCaFile) : null,
  ]);
  const pairs = [{ cert_chain: certificate, private_key: key }];
  return {
    credentials: ServerCredentials.createSsl(clientCa, pairs, clientCa !== null),
    content: [certificate, key, clientCa ?? ''].join('\n'),
  };
}

interface Follower {
  /** Takes what is new. @throws Error where the files do not fit each other */
  renewed(credentials: ServerCredentials): void;
  failed(error: unknown): void;
}

/** Looks at the files from time to time, since a process lives longer than a certificate. @returns how to end that */
export function followTls(settings: Settings, { content }: TlsFiles, { renewed, failed }: Follower): () => void {
  if (!settings.certFile) return () => {};
  let last = content;
  const look = async (): Promise<void> => {
    try {
      const files = await readTls(settings);
      if (files.content === last) return;
      renewed(files.credentials);
      last = files.content;
    } catch (error) {
      failed(error);
    }
  };
  const timer = setInterval(() => void look(), lookAgainMs);
  timer.unref();
  return () => clearInterval(timer);
}
