import { readFileSync } from 'node:fs';
import { type ConnectionOptions, credsAuthenticator } from '@nats-io/transport-node';

export interface Identity {
  servers: readonly string[];
  user: string;
  password: string;
  token: string;
  credentialsFile: string;
  caFile: string;
  certFile: string;
  keyFile: string;
}

/** Who this service is for NATS, and how it knows NATS. Files are read at each connection, so a renewed one is taken up. */
export function identify(settings: Identity): ConnectionOptions {
  return { ...credentials(settings), ...encryption(settings) };
}

function credentials({ credentialsFile, token, user, password }: Identity): ConnectionOptions {
  if (credentialsFile) return { authenticator: credsAuthenticator(() => readFileSync(credentialsFile)) };
  if (token) return { token };
  return user ? { user, pass: password } : {};
}

/** The client encrypts where the server asks for it. It refuses one that does not only where it is told so here. */
function encryption({ servers, caFile, certFile, keyFile }: Identity): ConnectionOptions {
  const files = { ...(caFile && { caFile }), ...(certFile && { certFile }), ...(keyFile && { keyFile }) };
  const isAsked = servers.some((server) => server.startsWith('tls://')) || Object.keys(files).length > 0;
  return isAsked ? { tls: files } : {};
}
