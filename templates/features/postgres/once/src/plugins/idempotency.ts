import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { fingerprintOf, parseKey } from '../platform/idempotency/key.ts';
import { type Answer, type Claim, IdempotencyStore, type Key } from '../platform/idempotency/store.ts';
import { Loop } from '../platform/loop.ts';
import { Problem } from '../platform/problem.ts';
import idempotencySettings from '../settings/idempotency.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller's Idempotency-Key: under a unique constraint it makes an effect happen once even over a crash. */
    idempotencyKey: string | undefined;
    idempotencyClaim: { key: Key; owner: string } | undefined;
  }
}

const methods = ['POST', 'PATCH'];
const keptHeaders = ['content-type', 'location', 'etag', 'last-modified', 'link'];
/** No right, not now, or the caller had hung up: who comes again later may get another answer, so none of these is kept. */
const passing = [401, 403, 408, 409, 423, 425, 429, 499];
const sweepMs = 600_000;
const sweepLimit = 1_000;
const pauseMs = 100;

/** A POST or PATCH with an `Idempotency-Key` is done once, whatever number of times it comes. */
export default fp(
  async (app: FastifyInstance) => {
    const { waitMs, ...limits } = idempotencySettings(app.env);
    const store = new IdempotencyStore(app.database, limits);
    app.decorateRequest('idempotencyKey', undefined);
    app.decorateRequest('idempotencyClaim', undefined);

    // Behind everything that may refuse a request, the route's own hooks too: what is refused there has done nothing, so
    // its key stays free. And where there is no route, nothing is kept.
    app.addHook('onRoute', (route) => {
      if (![route.method].flat().some((method) => methods.includes(method))) return;
      route.preHandler = [route.preHandler ?? [], claim].flat();
      route.onSend = [route.onSend ?? [], keep].flat();
    });

    async function claim(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
      const header = request.headers['idempotency-key'];
      if (header === undefined || !methods.includes(request.method)) return;
      const key = { scope: callerOf(request), key: parseKey(String(header)), fingerprint: fingerprintOf(request) };
      request.idempotencyKey = key.key;
      const claim = await settle(store, key, waitMs);
      if (claim.kind === 'answered') return replay(reply, claim.answer);
      if (claim.kind === 'ours') request.idempotencyClaim = { key, owner: claim.owner };
      if (claim.kind === 'other request') {
        throw new Problem(422, 'idempotency-key-reused', 'This Idempotency-Key was used for another request');
      }
      if (claim.kind === 'at work') {
        reply.header('retry-after', '1');
        throw new Problem(
          409,
          'idempotency-key-at-work',
          'The first request with this Idempotency-Key is still at work',
        );
      }
    }

    async function keep(request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<void> {
      const claim = request.idempotencyClaim;
      if (!claim) return;
      request.idempotencyClaim = undefined;
      const body = bodyOf(payload);
      const done =
        isFinal(reply) && body !== undefined
          ? store.keep(claim.key, claim.owner, { status: reply.statusCode, headers: headersOf(reply), body })
          : store.release(claim.key, claim.owner);
      // The request has been done: its answer must not turn into an error because it could not be kept.
      await done.catch((error) => app.log.error({ err: error }, 'the answer to an Idempotency-Key could not be kept'));
    }

    // In pieces with pauses: one statement that removes a day's keys would hold up everybody else.
    const sweep = new Loop(async () => {
      const removed = await store.removeExpired(sweepLimit).catch((error) => {
        app.log.warn({ err: error }, 'expired Idempotency-Keys could not be removed');
        return 0;
      });
      return removed === sweepLimit ? pauseMs : sweepMs;
    });
    app.addHook('onReady', async () => sweep.start());
    app.addHook('onClose', () => sweep.stop());
  },
  { name: 'idempotency', dependencies: ['postgres', 'problems'] },
);

/** Whether the same request will get the same answer at any time. */
const isFinal = (reply: FastifyReply): boolean =>
  reply.statusCode < 500 && !passing.includes(reply.statusCode) && !reply.hasHeader('retry-after');

/** Waits while the first request with this key is at work. */
async function settle(store: IdempotencyStore, key: Key, waitMs: number): Promise<Claim> {
  const deadline = Date.now() + waitMs;
  for (let pause = 20; ; pause = Math.min(pause * 2, 500)) {
    const claim = await store.claim(key);
    if (claim.kind !== 'at work' || Date.now() + pause > deadline) return claim;
    await wait(pause);
  }
}

/** Where a feature tells who calls, keys are that caller's own; nobody may fetch the answer to another's request. */
const callerOf = (request: FastifyRequest): string => {
  const { caller } = request as FastifyRequest & { caller?: { subject?: unknown } | null };
  return typeof caller?.subject === 'string' ? caller.subject : '';
};

const replay = (reply: FastifyReply, { status, headers, body }: Answer): FastifyReply =>
  reply.code(status).headers(headers).header('idempotency-replayed', 'true').send(body);

const headersOf = (reply: FastifyReply): Record<string, string> =>
  Object.fromEntries(
    keptHeaders.flatMap((name) => (reply.hasHeader(name) ? [[name, String(reply.getHeader(name))]] : [])),
  );

/** Undefined for a stream, which can be sent only once. */
function bodyOf(payload: unknown): Buffer | undefined {
  if (payload === null || payload === undefined) return Buffer.alloc(0);
  if (typeof payload === 'string' || Buffer.isBuffer(payload)) return Buffer.from(payload);
  return undefined;
}
