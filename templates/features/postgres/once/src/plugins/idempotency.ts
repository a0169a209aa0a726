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
const sweepMs = 600_000;

/** A POST or PATCH with an `Idempotency-Key` is done once, whatever number of times it comes. */
export default fp(
  async (app: FastifyInstance) => {
    const { waitMs, ...limits } = idempotencySettings(app.env);
    const store = new IdempotencyStore(app.database, limits);
    app.decorateRequest('idempotencyKey', undefined);
    app.decorateRequest('idempotencyClaim', undefined);

    // After validation: a request that is refused there has done nothing, so its key stays free.
    app.addHook('preHandler', async (request, reply) => {
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
    });

    app.addHook('onSend', async (request, reply, payload) => {
      const claim = request.idempotencyClaim;
      if (!claim) return;
      request.idempotencyClaim = undefined;
      const body = bodyOf(payload);
      const isKept = reply.statusCode < 500 && body !== undefined;
      const done = isKept
        ? store.keep(claim.key, claim.owner, { status: reply.statusCode, headers: headersOf(reply), body })
        : store.release(claim.key, claim.owner);
      // The request has been done: its answer must not turn into an error because it could not be kept.
      await done.catch((error) => app.log.error({ err: error }, 'the answer to an Idempotency-Key could not be kept'));
    });

    const sweep = new Loop(async () => {
      await store
        .removeExpired()
        .catch((error) => app.log.warn({ err: error }, 'expired Idempotency-Keys could not be removed'));
      return sweepMs;
    });
    app.addHook('onReady', async () => sweep.start());
    app.addHook('onClose', () => sweep.stop());
  },
  { name: 'idempotency', dependencies: ['postgres', 'problems'] },
);

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
