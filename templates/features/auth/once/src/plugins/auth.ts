import type { FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { type Caller, InvalidToken, verifyAccessToken } from '../platform/auth/access-token.ts';
import { refuse } from '../platform/auth/challenge.ts';
import { fetchKeys } from '../platform/auth/discovery.ts';
import { KeySet, KeysUnavailable } from '../platform/auth/key-set.ts';
import authSettings from '../settings/auth.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** What the contract says of all routes, beside what each says of itself (scripts/openapi.ts). */
    openapi: object;
  }
  interface FastifyRequest {
    /** Who calls; null where no token is needed and none came with the request. */
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    /** Scopes that a caller needs, all of them: `config: { scopes: ['orders:write'] }`. Without: any good token. */
    scopes?: readonly string[];
    /** Open to everybody. A token that comes all the same is checked. */
    public?: true;
  }
}

/**
 * Lets a request in by its bearer token. Every route needs one unless it says `public`; probes, metrics and the contract
 * need none.
 */
export default fp(
  async (app: FastifyInstance) => {
    app.decorateRequest('caller', null);
    describe(app);
    const { issuer, algorithms, keysCooldownMs, ...rules } = authSettings(app.env);
    if (!issuer) {
      app.log.warn('AUTH_ISSUER is not set: everybody may do everything');
      return;
    }
    const keys = new KeySet({ fetch: () => fetchKeys(issuer), cooldownMs: keysCooldownMs });
    const tokenRules = { ...rules, issuer, algorithms: algorithms.split(',').map((name) => name.trim()) };
    watch(app, keys);

    app.addHook('onRequest', async (request, reply) => {
      const { config } = request.routeOptions;
      if (request.is404 || config.quiet) return;
      const token = bearerToken(request);
      if (token !== undefined) request.caller = await callerOf(token, reply);
      const needed = scopesOf(config);
      if (!needed) return;
      const { caller } = request;
      if (!caller) throw refuse.missing(reply);
      const missing = needed.filter((scope) => !caller.scopes.has(scope));
      if (missing.length > 0) throw refuse.insufficient(reply, needed, missing);
    });

    async function callerOf(token: string, reply: FastifyReply): Promise<Caller> {
      try {
        return await verifyAccessToken(token, keys, tokenRules);
      } catch (error) {
        if (error instanceof InvalidToken) throw refuse.invalid(reply, error.message);
        if (error instanceof KeysUnavailable) throw refuse.unknown(reply);
        throw error;
      }
    }
  },
  { name: 'auth', dependencies: ['health', 'problems'] },
);

/** What a caller needs; undefined where nothing. */
const scopesOf = (config: FastifyContextConfig): readonly string[] | undefined =>
  config.public || config.quiet ? undefined : (config.scopes ?? []);

/** The contract says it too: a token for every route, and what differs from that beside the route. */
function describe(app: FastifyInstance): void {
  app.decorate('openapi', {
    security: [{ bearer: [] }],
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
  });
  app.addHook('onRoute', (route) => {
    const scopes = scopesOf(route.config ?? {});
    if (scopes?.length === 0) return;
    route.schema = { ...route.schema, security: scopes ? [{ bearer: [...scopes] }] : [] };
  });
}

/** The provider may start later than this service, and be away for a while. */
function watch(app: FastifyInstance, keys: KeySet): void {
  void keys.refresh();
  const check = async () => {
    if (!keys.known) await keys.refresh();
    if (!keys.known) throw new Error('the keys of the identity provider cannot be fetched');
    return undefined;
  };
  app.health.add('identity-provider', check, { critical: false });
}

/** RFC 6750, section 2.1: in the header only. A token in the URL ends up in logs. */
function bearerToken({ headers }: FastifyRequest): string | undefined {
  return headers.authorization?.match(/^Bearer +(\S+) *$/i)?.[1];
}
