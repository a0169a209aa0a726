import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Cors } from './route.ts';

/**
 * Lets pages of the origins in routes.yaml read the answer, refusals too, or they could not tell a 401 from a network
 * that is gone.
 *
 * @returns whether the request is only the browser's question whether it may ask, which is answered here
 */
export function allowOrigin({ headers, method }: FastifyRequest, reply: FastifyReply, cors: Cors): boolean {
  reply.header('vary', 'origin');
  const { origin } = headers;
  const isPreflight = method === 'OPTIONS' && origin !== undefined && 'access-control-request-method' in headers;
  if (origin === undefined || !cors.origins.has(origin)) return isPreflight;
  reply.header('access-control-allow-origin', origin);
  if (cors.credentials) reply.header('access-control-allow-credentials', 'true');
  reply.header('access-control-expose-headers', 'retry-after, x-correlation-id');
  if (!isPreflight) return false;
  reply.header('access-control-allow-methods', 'GET, HEAD, POST, PUT, PATCH, DELETE');
  const asked = headers['access-control-request-headers'];
  if (asked) reply.header('access-control-allow-headers', asked);
  reply.header('access-control-max-age', String(cors.maxAgeS));
  return true;
}
