import type { FastifyInstance } from 'fastify';
import type { Source } from './source.ts';

/** The registry is kept in Redis. @throws Error, since this service has none */
export function openRegistry(_app: FastifyInstance, _service: string): Source {
  throw new Error('Redis: msvc add-feature redis');
}
