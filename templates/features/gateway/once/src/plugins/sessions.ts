import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { refuse } from '../platform/auth/challenge.ts';
import { KeysUnavailable } from '../platform/auth/key-set.ts';
import { cookieName } from '../platform/gateway/headers.ts';
import { Problem } from '../platform/problem.ts';
import { ExchangedTokens } from '../platform/sessions/exchanged-tokens.ts';
import { readLogoutToken } from '../platform/sessions/logout-token.ts';
import { GrantRefused, type Login, Provider, type SignedIn } from '../platform/sessions/provider.ts';
import { mayBeTicket, newTicket, openTicket, seal, unseal } from '../platform/sessions/seal.ts';
import { Sessions, SessionUnknown } from '../platform/sessions/sessions.ts';
import authSettings from '../settings/auth.ts';
import sessionSettings from '../settings/sessions.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** Undefined where no client of the provider is set. */
    sessions: BrowserSessions | undefined;
  }
}

export interface BrowserSessions {
  /** Whether it is one that no upstream sees or sets. */
  isOwnCookie(name: string): boolean;
  /** The session of a request, its token good now. @throws Problem 503 where nobody can say */
  of(request: FastifyRequest, reply: FastifyReply): Promise<SignedIn | undefined>;
  /** Whether a page of this gateway's own address asks. */
  isOwnPage(request: FastifyRequest): boolean;
  /** @returns where the browser is to go to log in */
  begin(request: FastifyRequest, reply: FastifyReply, back: string): Promise<URL>;
  /** @returns the path to go on to */
  finish(request: FastifyRequest, reply: FastifyReply): Promise<string>;
  end(request: FastifyRequest, reply: FastifyReply): Promise<void>;
  /** Ends what a logout token of the provider says. @throws Problem 400 where it is none, 503 where nobody can say */
  endElsewhere(token: string, reply: FastifyReply): Promise<void>;
  /** A token for one audience in place of the caller's. @throws Problem 403 or 503 */
  exchange(token: string, audience: string, reply: FastifyReply): Promise<string>;
}

/** Milliseconds that somebody has to log in. */
const loginMs = 600_000;
/** Log-ins that one browser may have begun. */
const mostLogins = 16;

/** Who a browser is, by a cookie that only this gateway understands. The tokens stay here. */
export default fp(
  async (app: FastifyInstance) => {
    const { clientId, clientSecret, publicUrl, lifetimeMs, scope, resource } = sessionSettings(app.env);
    const { issuer, algorithms } = authSettings(app.env);
    const { redis, providerKeys } = app;
    if (!clientId || !clientSecret || !issuer || !providerKeys) {
      app.decorate('sessions', undefined);
      return;
    }
    const redirectUri = new URL('/auth/callback', publicUrl).href;
    const provider = new Provider({ issuer, clientId, clientSecret, scope, resource, redirectUri });
    const sessions = new Sessions({ redis, provider, lifetimeMs, secret: clientSecret });
    const exchanged = new ExchangedTokens(provider);
    const logoutRules = { issuer, clientId, algorithms };
    const isSecure = publicUrl.protocol === 'https:';
    // The prefix binds a cookie to this host alone, and browsers take it only over https.
    const [session, login] = isSecure ? ['__Host-session', '__Host-login'] : ['session', 'login'];
    const set = (reply: FastifyReply, name: string, value: string, maxAgeMs: number) =>
      reply.header(
        'set-cookie',
        `${name}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${Math.floor(maxAgeMs / 1_000)}${isSecure ? '; Secure' : ''}`,
      );
    // One for each log-in that is begun: people open several pages at once, and any may be the first that comes back.
    const loginCookie = (state: string) => `${login}-${state.slice(0, 16)}`;
    const loginKey = (id: string) => `login:{${id}}`;

    app.decorate('sessions', {
      isOwnCookie: (name) => name === session || name.startsWith(`${login}-`),
      async of(request, reply) {
        const ticket = ticketOf(request, session);
        try {
          return ticket === undefined ? undefined : await sessions.find(ticket);
        } catch (error) {
          if (!(error instanceof SessionUnknown)) throw error;
          reply.header('retry-after', '5');
          throw new Problem(503, 'session-unknown', 'Sessions cannot be checked at the moment');
        }
      },
      isOwnPage: ({ headers }) => headers.origin === publicUrl.origin,
      async begin(request, reply, back) {
        const begun = namesOf(request).filter((name) => name.startsWith(`${login}-`));
        // Of those that nobody comes back to, or one day the header would be too long for any request.
        if (begun.length >= mostLogins) for (const name of begun) set(reply, name, '', 0);
        const ticket = newTicket();
        const opened = openTicket(ticket);
        const { login: kept, url } = await unlessAway(reply, async () => {
          const started = await provider.begin(back);
          await redis.set(loginKey(opened.id), seal(started.login, opened), 'PX', loginMs);
          return started;
        });
        set(reply, loginCookie(kept.state), ticket, loginMs);
        return url;
      },
      async finish(request, reply) {
        const state = new URL(request.raw.url ?? '', publicUrl).searchParams.get('state') ?? '';
        const ticket = ticketOf(request, loginCookie(state));
        const opened = openTicket(ticket ?? '');
        const sealed = ticket && (await unlessAway(reply, () => redis.getdel(loginKey(opened.id))));
        const begun = sealed ? (unseal(sealed, opened) as Login | undefined) : undefined;
        if (!begun) throw new Problem(400, 'login-unknown', 'This log-in was not begun here, or too long ago');
        const signedIn = await provider.finish(request.raw.url ?? '', begun).catch((error: unknown) => {
          request.log.warn({ err: error }, 'a log-in failed');
          throw new Problem(400, 'login-failed', 'The identity provider did not agree to the log-in');
        });
        const opening = await unlessAway(reply, () => sessions.open(signedIn));
        set(reply, loginCookie(state), '', 0);
        set(reply, session, opening, lifetimeMs);
        return begun.back;
      },
      async end(request, reply) {
        const ticket = ticketOf(request, session);
        if (ticket !== undefined) await unlessAway(reply, () => sessions.close(ticket));
        set(reply, session, '', 0);
      },
      async endElsewhere(token, reply) {
        const ended = await readLogoutToken(token, providerKeys, logoutRules).catch((error: unknown) => {
          if (error instanceof KeysUnavailable) throw refuse.unknown(reply);
          reply.log.warn({ err: error }, 'a logout token was refused');
          throw new Problem(400, 'logout-token-invalid', 'This is no logout token for this gateway');
        });
        const count = await unlessAway(reply, () => sessions.endAll(ended));
        reply.log.info(`${count} sessions ended by the identity provider`);
      },
      async exchange(token, audience, reply) {
        try {
          return await exchanged.get(token, audience);
        } catch (error) {
          if (error instanceof GrantRefused)
            throw new Problem(403, 'token-not-exchanged', 'The identity provider gives no token for that service');
          reply.log.warn({ err: error }, 'a token could not be exchanged');
          reply.header('retry-after', '5');
          throw new Problem(503, 'identity-provider-away', 'Tokens cannot be exchanged at the moment');
        }
      },
    });
  },
  { name: 'sessions', dependencies: ['auth', 'redis'] },
);

async function unlessAway<T>(reply: FastifyReply, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    reply.log.warn({ err: error }, 'a log-in or log-out is not possible at the moment');
    reply.header('retry-after', '5');
    throw new Problem(503, 'login-away', 'Nobody can log in or out at the moment');
  }
}

const namesOf = ({ headers }: FastifyRequest): string[] => (headers.cookie ?? '').split(/; */).map(cookieName);

function ticketOf({ headers }: FastifyRequest, name: string): string | undefined {
  const pair = headers.cookie?.split(/; */).find((one) => one.startsWith(`${name}=`));
  const ticket = pair?.slice(name.length + 1) ?? '';
  return mayBeTicket(ticket) ? ticket : undefined;
}
