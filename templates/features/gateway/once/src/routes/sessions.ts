import type { FastifyInstance } from 'fastify';
import { readTarget } from '../platform/gateway/path.ts';
import { Problem } from '../platform/problem.ts';

const open = { config: { public: true, checksTokens: true } } as const;

/** Log in and out, for browsers. Where there are no sessions there are none of these. */
export default async function sessionRoutes(app: FastifyInstance) {
  const { sessions } = app;
  if (!sessions) return;
  app.addHook('onSend', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
  });

  app.get<{ Querystring: { return?: string } }>('/auth/login', open, async (request, reply) => {
    const back = request.query.return ?? '/';
    if (typeof back !== 'string' || !isOwnPath(back))
      throw new Problem(400, 'return-refused', 'Where to go afterwards must be a path of this site');
    return reply.redirect((await sessions.begin(request, reply, back)).href);
  });

  app.get('/auth/callback', open, async (request, reply) => reply.redirect(await sessions.finish(request, reply)));

  app.get('/auth/session', open, async (request, reply) => {
    const session = await sessions.of(request, reply);
    if (!session) throw new Problem(401, 'session-missing', 'This needs a log-in', { login: '/auth/login' });
    return { subject: session.subject, scopes: session.scopes };
  });

  // From the provider, which no cookie and no header of ours comes with: its signature is the proof.
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, new URLSearchParams(String(body))),
  );
  app.post('/auth/backchannel-logout', open, async ({ body }, reply) => {
    const token = body instanceof URLSearchParams ? body.get('logout_token') : null;
    await sessions.endElsewhere(token ?? '', reply);
    return reply.code(200).send();
  });

  app.post('/auth/logout', open, async (request, reply) => {
    if (request.headers['x-csrf-token'] === undefined)
      throw new Problem(403, 'csrf-missing', 'Send a header x-csrf-token with whatever changes something');
    await sessions.end(request, reply);
    return reply.code(204).send();
  });
}

/** Browsers take a backslash for a slash, and two slashes for another host; the whole becomes a header. */
const isOwnPath = (path: string): boolean =>
  /^\/(?![/\\])[\x21-\x7e]*$/.test(path) && readTarget(path)?.oddities.length === 0;
