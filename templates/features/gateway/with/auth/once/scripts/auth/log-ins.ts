import { readFile } from 'node:fs/promises';
import type { Adapter, AdapterPayload } from 'oidc-provider';
import { parse } from 'yaml';
import manifest from '../../package.json' with { type: 'json' };
import type { LogIns } from './provider.ts';

const day = 86_400;
const client = { id: 'gateway', secret: 'dev' };

/**
 * This gateway as a client of the provider for development, where anybody logs in by any name, unless the settings make
 * it the client of another one.
 */
export async function findLogIns(env: Readonly<NodeJS.ProcessEnv>): Promise<LogIns | undefined> {
  if (env.SESSION_CLIENT_ID) return undefined;
  const scopes = await scopesOf(env.ROUTES_FILE ?? 'deploy/base/routes.yaml');
  const publicUrl = env.PUBLIC_URL ?? `http://127.0.0.1:${env.PORT ?? 3000}`;
  const audience = env.AUTH_AUDIENCE ?? manifest.name;
  return {
    configuration: {
      adapter: Kept,
      clients: [
        {
          client_id: client.id,
          client_secret: client.secret,
          grant_types: ['authorization_code', 'refresh_token'],
          redirect_uris: [`${publicUrl}/auth/callback`],
          response_types: ['code'],
          id_token_signed_response_alg: 'ES256',
        },
      ],
      scopes: ['openid', 'offline_access', ...scopes],
      ttl: { AccessToken: 600, IdToken: 600, Interaction: 600, RefreshToken: day, Grant: day, Session: day },
      cookies: { keys: ['for development'] },
      findAccount: (_context, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
      features: {
        devInteractions: { enabled: true },
        revocation: { enabled: true },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: (context, resource) => ({
            audience: new URL(resource).hostname,
            // A token of somebody who logged in may have what the routes ask for; programs get whatever they ask for.
            scope: [context.oidc.params?.scope ?? '', ...scopes].join(' '),
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'ES256' } },
          }),
        },
      },
    },
    env: {
      SESSION_CLIENT_ID: client.id,
      SESSION_CLIENT_SECRET: client.secret,
      SESSION_SCOPE: env.SESSION_SCOPE ?? ['openid', 'offline_access', ...scopes].join(' '),
      SESSION_RESOURCE: env.SESSION_RESOURCE ?? `urn://${audience}`,
    },
    scopes,
    hint: `A log-in for development, by any name and password, in a browser:\n  ${publicUrl}/auth/login?return=/auth/session`,
  };
}

/** Every scope that a route asks for; none where the file cannot be read, which the gateway itself tells of. */
async function scopesOf(file: string): Promise<string[]> {
  try {
    const { routes } = parse(await readFile(file, 'utf8')) as { routes: { scopes?: string[] }[] };
    return [...new Set(routes.flatMap(({ scopes = [] }) => scopes))].sort();
  } catch {
    return [];
  }
}

/** What the provider must remember of people, for as long as it runs. */
class Kept implements Adapter {
  static readonly #all = new Map<string, AdapterPayload>();
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  async upsert(id: string, payload: AdapterPayload): Promise<undefined> {
    Kept.#all.set(`${this.#name} ${id}`, payload);
  }

  find = async (id: string): Promise<AdapterPayload | undefined> => Kept.#all.get(`${this.#name} ${id}`);

  findByUid = async (uid: string): Promise<AdapterPayload | undefined> =>
    [...Kept.#all].find(([key, payload]) => key.startsWith(`${this.#name} `) && payload.uid === uid)?.[1];

  findByUserCode = async (): Promise<undefined> => undefined;

  async consume(id: string): Promise<undefined> {
    const payload = Kept.#all.get(`${this.#name} ${id}`);
    if (payload) payload.consumed = Math.floor(Date.now() / 1_000);
  }

  async destroy(id: string): Promise<undefined> {
    Kept.#all.delete(`${this.#name} ${id}`);
  }

  async revokeByGrantId(grantId: string): Promise<undefined> {
    for (const [key, payload] of Kept.#all) if (payload.grantId === grantId) Kept.#all.delete(key);
  }
}
