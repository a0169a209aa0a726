import swagger from '@fastify/swagger';
import { buildApp } from '../src/app.ts';
import type { Environment } from '../src/platform/settings.ts';
import type { Contract } from './contracts/compare-openapi.ts';

/** The OpenAPI document that the routes under /v1, /v2, … make. `info` is the contract's own: its version is not the program's. */
export async function describeRoutes(env: Environment, info: Contract['info']): Promise<Contract> {
  const app = await buildApp({
    env: { ...env, NODE_ENV: 'test', LOG_LEVEL: 'silent' },
    extend: async (extended) => {
      // What a plugin says of all routes: `app.decorate('openapi', { security, components })`.
      const { openapi: common } = extended as { openapi?: object };
      await extended.register(swagger, {
        openapi: { openapi: '3.1.0', info, ...common },
        transform: ({ schema = {}, url }) => ({
          schema: /^\/v\d+\//.test(url) ? schema : { ...schema, hide: true },
          url,
        }),
        refResolver: { buildLocalReference: (schema, _uri, _fragment, i) => String(schema.$id ?? `def-${i}`) },
      });
    },
  });
  await app.ready();
  const contract = JSON.parse(JSON.stringify(app.swagger())) as Contract;
  await app.close();
  return contract;
}

/** What to do about a change that breaks callers. */
export const breakingAdvice = (nextMajor: string): string =>
  [
    'Callers that keep to the contract would fail. Keep what they know, and',
    '  - add what is new as optional fields or operations, or',
    '  - serve the new form beside the old one, as routes under the next /v2.',
    `Where you know every caller, and they are ready: npm run contract -- ${nextMajor}`,
  ].join('\n');
