import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import Provider, { type Configuration, errors } from 'oidc-provider';

const exchange = 'urn:ietf:params:oauth:grant-type:token-exchange';

export interface LoginProvider {
  issuer: string;
  /** How often a token was renewed. */
  refreshes: number;
  revocations: number;
  /** Of access tokens that are made from now on. */
  lifetimeS: number;
  /** Whether an answer with tokens says what they are good for. */
  tellsScope: boolean;
  /** Milliseconds that each answer with tokens takes. */
  slowMs: number;
  /** Audiences for which a token was exchanged. */
  exchanged: string[];
  /** A token that this provider has signed. */
  sign(claims: Record<string, unknown>): Promise<string>;
  /** What it says of a session that has ended. */
  logoutToken(claims: Record<string, unknown>): Promise<string>;
  stop(): Promise<void>;
}

export const publicUrl = 'https://edge.example.com';
export const loginSettings = {
  SESSION_CLIENT_ID: 'edge',
  SESSION_CLIENT_SECRET: 'secret',
  SESSION_SCOPE: 'openid offline_access orders:read',
  PUBLIC_URL: publicUrl,
};

/** A real OpenID provider where everybody is logged in at once, and refresh tokens count one time. */
export async function startLoginProvider(t: TestContext): Promise<LoginProvider> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  t.after(stop);
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const key = { ...(await exportJWK(privateKey)), kid: 'key', use: 'sig', alg: 'ES256' };
  const sign: LoginProvider['sign'] = (claims) =>
    new SignJWT({ aud: 'edge', jti: 'one', ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'key' })
      .setIssuer(issuer)
      .setIssuedAt()
      .sign(privateKey);
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
  const login: LoginProvider = {
    ...{ issuer, stop, sign, logoutToken: (claims) => sign({ events, ...claims }) },
    ...{ refreshes: 0, revocations: 0, lifetimeS: 3_600, tellsScope: true, slowMs: 0, exchanged: [] },
  };
  const provider = new Provider(issuer, configuration(key, login));
  provider.registerGrantType(
    exchange,
    async (context) => {
      const { params, client } = context.oidc;
      const subject = await provider.AccessToken.find(String(params?.subject_token));
      if (!subject || !client || params?.audience === 'nobody') throw new errors.InvalidTarget();
      login.exchanged.push(String(params?.audience));
      const { accountId, grantId, scope = '' } = subject;
      const token = new provider.AccessToken({ client, accountId, grantId, scope, gty: 'token_exchange' } as never);
      context.body = {
        access_token: await token.save(),
        issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        token_type: 'Bearer',
        expires_in: 3_600,
      };
    },
    ['audience', 'subject_token', 'subject_token_type'],
  );

  provider.use(async (context, next) => {
    if (context.path === '/token' && login.slowMs > 0) await delay(login.slowMs);
    await next();
    if (context.path === '/token' && !login.tellsScope) delete (context.body as { scope?: string }).scope;
    if (context.path === '/token/revocation' && context.status === 200) login.revocations += 1;
  });
  provider.on('grant.success', ({ oidc }) => {
    if (oidc.params?.grant_type === 'refresh_token') login.refreshes += 1;
  });
  const handle = provider.callback();
  server.on('request', async (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return void handle(request, response);
    const { prompt, params, session, grantId } = await provider.interactionDetails(request, response);
    if (prompt.name === 'login')
      return provider.interactionFinished(request, response, { login: { accountId: 'user-1' } });
    const grant = grantId
      ? await provider.Grant.find(grantId)
      : new provider.Grant({ accountId: session?.accountId ?? '', clientId: String(params.client_id) });
    grant?.addOIDCScope(String(params.scope));
    await provider.interactionFinished(request, response, { consent: { grantId: await grant?.save() } });
  });
  return login;
}

const configuration = (key: object, login: LoginProvider): Configuration => ({
  jwks: { keys: [key] } as NonNullable<Configuration['jwks']>,
  clients: [
    {
      client_id: 'edge',
      client_secret: 'secret',
      grant_types: ['authorization_code', 'refresh_token', exchange],
      redirect_uris: [`${publicUrl}/auth/callback`],
      response_types: ['code'],
      id_token_signed_response_alg: 'ES256',
    },
  ],
  scopes: ['openid', 'offline_access', 'orders:read'],
  pkce: { required: () => true },
  rotateRefreshToken: true,
  ttl: {
    AccessToken: () => login.lifetimeS,
    RefreshToken: 86_400,
    Grant: 86_400,
    Session: 86_400,
    IdToken: 3_600,
    Interaction: 600,
  },
  findAccount: (_context, id) => ({ accountId: id, claims: async () => ({ sub: id }) }),
  interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
  cookies: { keys: ['for a test'] },
  features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
});

/** What a browser does, by hand: follows redirects and keeps cookies. @returns the cookies of the gateway */
export async function logIn(gateway: string, back = '/'): Promise<{ cookie: string; landed: string }> {
  const { cookies, landed } = await follow(gateway, `/auth/login?return=${encodeURIComponent(back)}`, '');
  return { cookie: cookies, landed };
}

/** The rest of a log-in that was begun with these cookies. */
export const comeBack = (gateway: string, location: string, cookies: string) => follow(gateway, location, cookies);

async function follow(gateway: string, begin: string, cookies: string) {
  const given = cookies.split('; ').filter(Boolean);
  const jars = new Map([[gateway, new Map(given.map((pair) => pair.split('=', 2) as [string, string]))]]);
  let next = new URL(begin, gateway);
  for (let hops = 0; hops < 12; hops++) {
    const jar = jars.get(next.origin) ?? new Map<string, string>();
    jars.set(next.origin, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(next, { redirect: 'manual', headers: cookie ? { cookie } : {} });
    await response.arrayBuffer();
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    const location = response.headers.get('location');
    if (!location) throw new Error(`${next} answered ${response.status}`);
    if (next.origin === gateway && next.pathname === '/auth/callback') {
      const left = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      return { cookies: left, landed: location, status: response.status };
    }
    next = new URL(location.replace(publicUrl, gateway), next);
  }
  throw new Error('too many redirects');
}
