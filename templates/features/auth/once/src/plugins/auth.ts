import type { FastifyContextConfig, FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { type Caller, InvalidToken, verifyAccessToken } from '../platform/auth/access-token.ts';
import { bearerToken } from '../platform/auth/bearer-token.ts';
import { type Challenged, refuse, requireScopes } from '../platform/auth/challenge.ts';
import { fetchKeys, fetchKeysAt } from '../platform/auth/discovery.ts';
import { KeySet, KeysUnavailable } from '../platform/auth/key-set.ts';
import authSettings from '../settings/auth.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** What the contract says of all routes, beside what each says of itself (scripts/openapi.ts). */
    openapi: object;
    /**
     * Who calls, by their token; null where none came and none is needed.
     *
     * @throws Problem where they may not come in
     */
    admit(token: string | undefined, needs: Needs, answer: Challenged): Promise<Caller | null>;
    /** Checks a token for a route that `checksTokens` itself; undefined where everybody is let in. */
    checkToken: ((token: string, answer: Challenged) => Promise<Caller>) | undefined;
    /** Of the identity provider, for whatever else it signs; undefined where there is none. */
    providerKeys: KeySet | undefined;
  }
  interface FastifyRequest {
    /** Who calls; null where no token is needed and none came with the request. */
    caller: Caller | null;
  }
  interface FastifyContextConfig {
    /** Scopes that a caller needs, all of them: `config: { scopes: ['orders:write'] }`. Without: any good token. */
    scopes?: readonly string[];
    /** What comes as a token is left alone: the route looks at it itself. */
    checksTokens?: true;
  }
}

/** What a route or a method needs of its caller. */
type Needs = Pick<FastifyContextConfig, 'public' | 'scopes'>;

/** Milliseconds until the keys are asked for again where they could not be fetched. */
const retryMs = 10_000;

/**
 * Lets a request in by its bearer token. Every route needs one unless it says `public`, as probes, metrics and the
 * contract do; a token that comes there all the same is checked.
 */
export default fp(
  async (app: FastifyInstance) => {
    app.decorateRequest('caller', null);
    describe(app);
    const { issuer, jwksUrl, keysCooldownMs, keysMaxAgeMs, ...rules } = authSettings(app.env);
    if (!issuer) {
      app.log.warn('AUTH_ISSUER is not set: everybody may do everything');
      app.decorate('admit', async () => null);
      app.decorate('checkToken', undefined);
      app.decorate('providerKeys', undefined);
      return;
    }
    const keys = new KeySet({
      fetch: () => (jwksUrl ? fetchKeysAt(jwksUrl.href) : fetchKeys(issuer)),
      cooldownMs: keysCooldownMs,
      onChange: (err) => {
        if (err) app.log.warn({ err }, 'the keys of the identity provider cannot be fetched');
        else app.log.info('the keys of the identity provider are fetched again');
      },
    });
    const tokenRules = { ...rules, issuer };
    watch(app, keys, keysMaxAgeMs);
    app.decorate('checkToken', callerOf);
    app.decorate('providerKeys', keys);

    app.addHook('onRequest', async (request, reply) => {
      const { config } = request.routeOptions;
      if (request.is404 || config.checksTokens) return;
      request.caller = await app.admit(bearerToken(request.headers.authorization), config, reply);
    });

    app.decorate('admit', async (token, needs, answer) => {
      const caller = token === undefined ? null : await callerOf(token, answer);
      const needed = scopesOf(needs);
      if (!needed) return caller;
      if (!caller) throw refuse.missing(answer);
      requireScopes(caller.scopes, needed, answer);
      return caller;
    });

    async function callerOf(token: string, reply: Challenged): Promise<Caller> {
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
const scopesOf = (needs: Needs): readonly string[] | undefined => (needs.public ? undefined : (needs.scopes ?? []));

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

/** The provider may start later than this service, be away for a while, and withdraw a key. No request waits for that. */
function watch(app: FastifyInstance, keys: KeySet, maxAgeMs: number): void {
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;
  const keepFresh = async () => {
    const isFresh = await keys.refresh();
    if (!isClosed) timer = setTimeout(keepFresh, isFresh ? maxAgeMs : Math.min(maxAgeMs, retryMs)).unref();
  };
  void keepFresh();
  app.addHook('onClose', async () => {
    isClosed = true;
    clearTimeout(timer);
  });
  const check = async () => {
    if (!keys.known) await keys.refresh();
    if (!keys.known) throw keys.trouble ?? new Error('its keys are not there yet');
    return undefined;
  };
  app.health.add('identity-provider', check, { critical: false });
}
