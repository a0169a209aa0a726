import swagger from '@fastify/swagger';
import { buildApp } from '../src/app.ts';
import type { Environment } from '../src/platform/settings.ts';

export interface Contract {
  info: { title: string; version: string };
  paths?: Record<string, Record<string, unknown>>;
}

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

/** Operations that differ: `POST /v1/orders`; empty where both say the same. */
export function changedOperations(before: Contract, after: Contract): string[] {
  const operations = ({ paths = {} }: Contract) =>
    new Map(
      Object.entries(paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, canonical(operation)]),
      ),
    );
  const old = operations(before);
  const now = operations(after);
  return [...new Set([...old.keys(), ...now.keys()])].filter((name) => old.get(name) !== now.get(name)).sort();
}

/** The same text for the same value, whatever the order of its keys. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
