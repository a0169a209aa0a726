import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { Problem } from '../platform/problem.ts';
import { findUnstorable } from '../platform/unstorable-text.ts';

/** Refuses text that no database takes, before it is an error deep inside. */
export default fp(
  async (app: FastifyInstance) => {
    app.addHook('preValidation', (request, _reply, done) => {
      if (request.url.includes('%00')) return done(refusal('url'));
      const field = request.body === undefined ? undefined : findUnstorable('body', request.body);
      done(field === undefined ? undefined : refusal(field));
    });
  },
  { name: 'storable-text' },
);

const refusal = (field: string): Problem => {
  const errors = [{ field, message: 'must not contain NUL or half of a character' }];
  return new Problem(400, 'text-not-storable', 'The request has text that cannot be stored', { errors });
};
