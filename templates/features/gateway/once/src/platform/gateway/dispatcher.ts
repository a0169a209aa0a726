import type { FastifyInstance } from 'fastify';
import { type Carrier, openCarrier } from '../http-client/open-carrier.ts';
import type { ClientSettings } from '../http-client/settings.ts';

/** Of what waits for its answer the bulkhead says how much there may be; streams that run are not in its way. */
const mostConnections = 10_000;

/** What carries requests to one upstream, found as that of a client is. Answers may be of any size. */
export const openDispatcher = (app: FastifyInstance, service: string, settings: ClientSettings): Carrier =>
  openCarrier(app, service, { ...settings, maxConcurrent: mostConnections, maxAnswerBytes: -1 });
