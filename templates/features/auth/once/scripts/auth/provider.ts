import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import Provider, { type AdapterFactory, type Configuration } from 'oidc-provider';

export interface IdentityProvider {
  issuer: string;
  /** A token of the client itself (grant `client_credentials`), as other services get theirs. */
  token(options?: TokenOptions): Promise<string>;
  /** From now on it signs with a new key, and the old one is gone. */
  rotateKeys(): Promise<void>;
  stop(): Promise<void>;
}

/** What is needed beside that where people log in by a browser. */
export interface LogIns {
  configuration: Configuration;
  /** For the service. */
  env: Record<string, string>;
  /** Whatever the service lets somebody do. */
  scopes: readonly string[];
  /** How to log in, for a developer's terminal. */
  hint: string;
}

interface TokenOptions {
  scope?: string;
  audience?: string;
  /** Who asks. */
  by?: typeof client;
}

export const client = { id: 'dev', secret: 'dev' };
/** A second caller, for tests that need two. */
export const otherClient = { id: 'other', secret: 'other' };

/** A real OpenID provider on 127.0.0.1, for development and tests: any scope for any audience. Never for anything else. */
export async function startIdentityProvider({
  tokenLifetimeS = 3_600,
  logIns,
}: {
  tokenLifetimeS?: number;
  logIns?: Configuration;
} = {}): Promise<IdentityProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let generation = 0;

  const rotateKeys = async () => {
    generation += 1;
    const provider = new Provider(issuer, configuration(await newKey(`key-${generation}`), tokenLifetimeS, logIns));
    const handle = provider.callback();
    server.removeAllListeners('request').on('request', (request, response) => void handle(request, response));
  };
  await rotateKeys();

  return {
    issuer,
    rotateKeys,
    token: (options = {}) => requestToken(issuer, options),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function newKey(kid: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid, use: 'sig', alg: 'ES256' };
}

function configuration(key: JWK, tokenLifetimeS: number, logIns: Configuration = {}): Configuration {
  const programs = [client, otherClient].map(({ id, secret }) => ({
    client_id: id,
    client_secret: secret,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    id_token_signed_response_alg: 'ES256' as const,
  }));
  return {
    adapter: nothingKept,
    ...logIns,
    jwks: { keys: [key] } as NonNullable<Configuration['jwks']>,
    ttl: { ClientCredentials: tokenLifetimeS, ...logIns.ttl },
    clients: [...programs, ...(logIns.clients ?? [])],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (context, resource) => ({
          audience: new URL(resource).hostname,
          // Whatever is asked for is granted.
          scope: String(context.oidc.params?.scope ?? ''),
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'ES256' } },
        }),
      },
      ...logIns.features,
    },
  };
}

/** Its tokens are signed, so it need not remember them. */
const nothingKept: AdapterFactory = () => ({
  upsert: async () => undefined,
  find: async () => undefined,
  findByUid: async () => undefined,
  findByUserCode: async () => undefined,
  consume: async () => undefined,
  destroy: async () => undefined,
  revokeByGrantId: async () => undefined,
});

async function requestToken(
  issuer: string,
  { scope = '', audience = '', by: { id, secret } = client }: TokenOptions,
): Promise<string> {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      // A resource is a URI (RFC 8707); its host becomes the audience.
      resource: `urn://${audience}`,
      ...(scope && { scope }),
    }),
  });
  const { access_token: token, ...problem } = (await response.json()) as Record<string, string>;
  if (!token) throw new Error(`no token: ${JSON.stringify(problem)}`);
  return token;
}
