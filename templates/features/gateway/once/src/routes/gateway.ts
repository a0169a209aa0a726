import { type IncomingMessage, ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { context } from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { bearerToken } from '../platform/auth/bearer-token.ts';
import { refuse, requireScopes } from '../platform/auth/challenge.ts';
import { CheckedTokens } from '../platform/gateway/checked-tokens.ts';
import { networkOf } from '../platform/gateway/client.ts';
import { allowOrigin } from '../platform/gateway/cross-origin.ts';
import { Exchange, tooLarge } from '../platform/gateway/exchange.ts';
import { refusedStatus, requestHeaders } from '../platform/gateway/headers.ts';
import { readTarget, type Target } from '../platform/gateway/path.ts';
import { LocalRates, SharedRates } from '../platform/gateway/rate-limit.ts';
import { hasBody } from '../platform/gateway/request-body.ts';
import { methods, type Route } from '../platform/gateway/route.ts';
import { type Found, upstreamPath } from '../platform/gateway/table.ts';
import { Tunnel } from '../platform/gateway/tunnel.ts';
import { Problem } from '../platform/problem.ts';
import type { SignedIn } from '../platform/sessions/provider.ts';
import gatewaySettings from '../settings/gateway.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the path and the routes say of it. */
    passage: { target: Target | undefined; found: Found } | undefined;
  }
}

interface Handshake {
  socket: Socket;
  head: Buffer;
}

/** Fastify goes on to the handler where a hook has ended before its answer: hooks of others may take their time with that. */
const answered = ({ raw }: FastifyReply): Promise<void> =>
  new Promise((resolve) => {
    if (raw.writableEnded) resolve();
    else raw.once('close', resolve);
  });

/** Node gives the connection to one answer after another. @returns whether this one's turn came before the client went */
const hasTurn = (response: ServerResponse, raw: IncomingMessage): Promise<boolean> =>
  new Promise((resolve) => {
    if (raw.destroyed) return resolve(false);
    response.once('socket', () => resolve(true));
    raw.once('close', () => resolve(false));
  });

/** Everything that no route of this service itself answers. */
export default async function gatewayRoute(app: FastifyInstance) {
  const { gateway } = app;
  const { trustedProxies, rates, tokensKeptMs } = gatewaySettings(app.env);
  const limiter = rates === 'redis' ? new SharedRates(app.redis) : new LocalRates();
  const tokens = new CheckedTokens(tokensKeptMs);
  const handshakes = new WeakMap<IncomingMessage, Handshake>();
  const isLeaving = () => app.lifecycle.phase === 'draining';
  const isOwnCookie = app.sessions?.isOwnCookie;

  app.decorateRequest('passage', undefined);
  app.addHook('onRequest', handOn);
  // What is refused before its body has come: nobody reads the rest.
  app.addHook('onSend', async ({ raw }, reply) => {
    if (hasBody(raw) && !raw.complete) reply.header('connection', 'close');
  });
  app.route({
    method: [...methods],
    url: '/*',
    config: { public: true, checksTokens: true, routeOf },
    // Never reached: the hook has answered by then. It comes before Fastify looks at the body, which is not its matter here.
    handler: async () => {},
  });

  /** Logs, traces and metrics name the route of routes.yaml. */
  function routeOf(request: FastifyRequest): string | undefined {
    const target = readTarget(request.raw.url ?? '');
    // A handshake is a GET; a browser's question by OPTIONS is of the route that it asks about.
    const asked = request.headers['access-control-request-method'];
    const method = request.method === 'OPTIONS' && asked ? asked : request.method;
    const found = target && gateway.rules.table.find(method, target.path);
    request.passage = { target, found };
    return found && 'route' in found ? found.route.name : undefined;
  }

  async function handOn(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { raw } = request;
    const handshake = handshakes.get(raw);
    const client = trustedProxies.clientOf(raw);
    secure(reply, client.protocol);
    const status = refusedStatus(raw);
    if (status !== undefined) {
      // What else is on this connection may be no request either.
      reply.header('connection', 'close');
      throw new Problem(status, 'request-refused', STATUS_CODES[status] ?? '');
    }
    const { target, found } = request.passage ?? {};
    if (!target) throw new Problem(400, 'path-refused', 'The path can be read in more than one way');
    const { cors } = gateway.rules;
    if (cors && allowOrigin(request, reply, cors)) return answered(reply.code(204).send());
    if (!found) {
      reply.callNotFound();
      return answered(reply);
    }
    if (!('route' in found)) {
      reply.header('allow', found.allowed.join(', '));
      throw new Problem(405, 'method-not-allowed', `${request.method} is not possible here`);
    }

    const { route, rest } = found;
    // Now, since the routes may be others once it is known who asks.
    const upstream = gateway.upstreamOf(route);
    if (target.oddities.some((oddity) => !route.allow.has(oddity)))
      throw new Problem(400, 'path-refused', 'The path can be read in more than one way');
    if (handshake && !(route.websocket && isWebSocket(raw)))
      throw new Problem(400, 'no-websocket', 'There is no WebSocket here');
    // Behind another one on its connection: one after another, or a single client would take all that there is.
    if (!reply.raw.socket && !(await hasTurn(reply.raw, raw))) return void reply.hijack();
    const session = await authorize(request, reply, route);
    if (route.rate) {
      const who = request.caller?.clientId ?? request.caller?.subject ?? networkOf(client.address);
      const waitMs = await limiter.take(`${route.name} ${who}`, route.rate);
      if (waitMs > 0) {
        reply.header('retry-after', String(Math.ceil(waitMs / 1_000)));
        throw new Problem(429, 'too-many-requests', 'Too many requests');
      }
    }
    if (Number(request.headers['content-length'] ?? 0) > route.bodyBytes) throw tooLarge();

    const token = await tokenFor(request, reply, route, session);
    // Its 'close' has been, and does not come again: nobody would end what began now.
    if (reply.raw.destroyed) return void reply.hijack();
    const exchange = new Exchange({
      raw,
      reply,
      route,
      upstream,
      path: upstreamPath(route, target.path, rest) + target.query,
      headers: requestHeaders(raw, {
        client,
        correlationId: request.id,
        timeoutMs: route.timeoutMs,
        passesToken: route.token !== 'none',
        token,
        isOwnCookie,
      }),
      ownCors: cors !== undefined,
      isOwnCookie,
      isLeaving,
      onUpgrade: handshake && ((headers, socket) => open(reply, handshake, headers, socket, route.websocketIdleMs)),
    });
    gateway.exchanges.add(exchange);
    reply.raw.once('close', () => gateway.exchanges.delete(exchange));
    const begun = performance.now();
    let outcome = 'ok';
    try {
      await context.with(request.context, () => exchange.begin());
    } catch (error) {
      outcome = (error as { reason?: string }).reason ?? 'refused';
      throw error;
    } finally {
      gateway.observe(route.service, outcome, (performance.now() - begun) / 1_000);
    }
  }

  /** @returns the session, where the caller is a browser that has one */
  async function authorize(request: FastifyRequest, reply: FastifyReply, route: Route): Promise<SignedIn | undefined> {
    const { checkToken } = app;
    // Without a provider, which only a developer or a test may be, everybody is let in.
    if (route.auth === 'none' || !checkToken) return undefined;
    const token = bearerToken(request.headers.authorization);
    if (route.auth === 'session' || (route.auth === 'any' && token === undefined))
      return bySession(request, reply, route);
    if (token === undefined) throw refuse.missing(reply);
    request.caller = await tokens.get(token, () => checkToken(token, reply));
    requireScopes(request.caller.scopes, route.scopes, reply);
    return undefined;
  }

  /** What the upstream gets in place of what the caller has sent; undefined where that goes on as it is. */
  async function tokenFor(request: FastifyRequest, reply: FastifyReply, route: Route, session: SignedIn | undefined) {
    if (route.token !== 'exchange' || !request.caller) return session?.accessToken;
    const token = session?.accessToken ?? bearerToken(request.headers.authorization);
    if (token === undefined) return undefined;
    if (!app.sessions) throw new Problem(503, 'no-exchange', 'This gateway is no client of the identity provider');
    return app.sessions.exchange(token, route.audience, reply);
  }

  async function bySession(request: FastifyRequest, reply: FastifyReply, route: Route): Promise<SignedIn> {
    const session = await app.sessions?.of(request, reply);
    if (!session) throw new Problem(401, 'session-missing', 'This needs a log-in', { login: '/auth/login' });
    // Another site's page can send the cookie along, but neither this header nor, with a WebSocket, our origin.
    const isForged = handshakes.has(request.raw) ? !app.sessions?.isOwnPage(request) : !hasProof(request);
    if (isForged) throw new Problem(403, 'csrf-missing', 'Send a header x-csrf-token with whatever changes something');
    request.caller = { subject: session.subject, clientId: undefined, scopes: new Set(session.scopes), claims: {} };
    requireScopes(request.caller.scopes, route.scopes, reply);
    return session;
  }

  // WebSockets: the handshake goes through the same hooks as any request, with an answer of its own.
  app.server.on('upgrade', (raw: IncomingMessage, socket: Socket, head: Buffer) => {
    app.keepConnection(socket);
    socket.on('error', () => socket.destroy());
    const response = new ServerResponse(raw);
    response.shouldKeepAlive = false;
    try {
      response.assignSocket(socket);
    } catch {
      // An earlier request on it has no answer yet, and Node lets no second one speak.
      socket.destroy();
      return;
    }
    response.once('finish', () => {
      // Nobody reads what still comes, so its end would not be seen.
      if (response.statusCode !== 101) socket.destroySoon();
    });
    handshakes.set(raw, { socket, head });
    app.routing(raw, response);
  });

  /** The upstream has agreed: only now the client is told so. */
  function open(
    reply: FastifyReply,
    { socket, head }: Handshake,
    headers: readonly string[],
    upstream: Duplex,
    idleMs: number,
  ) {
    const response = reply.raw;
    const lines = headers.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${headers[i + 1]}`] : []));
    reply.hijack();
    response.detachSocket(socket);
    // A client whose network is gone says no word of it.
    socket.setKeepAlive(true, keepAliveMs);
    socket.write(
      ['HTTP/1.1 101 Switching Protocols', 'connection: Upgrade', 'upgrade: websocket', ...lines, '', ''].join('\r\n'),
      'latin1',
    );
    if (head.length > 0) upstream.write(head);
    const tunnel = new Tunnel(socket, upstream, idleMs);
    gateway.tunnels.add(tunnel);
    void tunnel.closed.then(() => gateway.tunnels.delete(tunnel));
    if (isLeaving()) tunnel.leave();
    // With it the request ends, for the log and the metrics: what comes now is none any more.
    response.statusCode = 101;
    response.emit('finish');
    response.emit('close');
  }
}

/** Milliseconds of silence after which a client of a WebSocket is asked whether it is still there. */
const keepAliveMs = 60_000;

const hasProof = ({ method, headers }: FastifyRequest): boolean =>
  method === 'GET' || method === 'HEAD' || method === 'OPTIONS' || headers['x-csrf-token'] !== undefined;

/** Any other protocol, and a handshake with a body, would make what follows look like what it is not. */
const isWebSocket = (raw: IncomingMessage): boolean =>
  raw.method === 'GET' && raw.headers.upgrade?.toLowerCase() === 'websocket' && !hasBody(raw);

/** What browsers should keep to, unless the upstream says it itself. */
function secure(reply: FastifyReply, protocol: string): void {
  reply.header('x-content-type-options', 'nosniff');
  reply.header('x-frame-options', 'DENY');
  reply.header('referrer-policy', 'strict-origin-when-cross-origin');
  if (protocol === 'https') reply.header('strict-transport-security', 'max-age=31536000; includeSubDomains');
}
