import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { charge, refund } from '../../../charges/charges.ts';
import { Problem, problems } from '../../../platform/problem.ts';

const Charge = Type.Object({ id: Type.String() });
const NewCharge = Type.Object({ orderId: Type.String({ minLength: 1 }), cents: Type.Integer({ minimum: 1 }) });

const routes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '',
    {
      schema: {
        operationId: 'charge',
        summary: 'Charges once for each Idempotency-Key',
        body: NewCharge,
        response: { 201: Charge, ...problems(400, 402, 410) },
      },
    },
    async ({ body, idempotencyKey, log }, reply) => {
      if (!idempotencyKey) throw new Problem(400, 'idempotency-key-missing', 'A charge needs an Idempotency-Key');
      await charge(app.database, idempotencyKey, body);
      log.info({ order: body.orderId }, 'charged');
      return reply.code(201).send({ id: idempotencyKey });
    },
  );

  app.delete(
    '/:key',
    {
      schema: {
        operationId: 'refund',
        summary: 'Refunds what was charged under a key; one that never came is barred',
        params: Type.Object({ key: Type.String({ minLength: 1 }) }),
        response: { 204: Type.Null(), ...problems(400) },
      },
    },
    async ({ params: { key }, log }, reply) => {
      await refund(app.database, key);
      log.info({ key }, 'refunded');
      return reply.code(204).send(null);
    },
  );
};

export default routes;
