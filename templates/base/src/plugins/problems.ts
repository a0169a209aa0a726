import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { answerError, answerNotFound } from '../platform/answer-problem.ts';
import { ProblemSchema } from '../platform/problem.ts';

/** Every error leaves as a problem document. */
export default fp(
  async (app: FastifyInstance) => {
    app.addSchema(ProblemSchema);
    app.setErrorHandler(answerError);
    app.setNotFoundHandler(answerNotFound);
  },
  { name: 'problems' },
);
