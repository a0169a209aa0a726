import type { FastifyInstance } from 'fastify';
import contract from '../../contracts/openapi.json' with { type: 'json' };

/** The contract as it was reviewed and committed; test/contract.test.ts proves that the routes keep it. */
export default async function openapiRoute(app: FastifyInstance) {
  app.get('/openapi.json', { config: { quiet: true, public: true } }, async () => contract);
}
