import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { service } from '../../identity.ts';

/** A port of this service, and the name that others look for it by. */
export interface OwnPort {
  name: string;
  protocol: 'http' | 'https';
  port: number;
}

/** Once the service listens. */
export const ownPorts = (app: FastifyInstance): OwnPort[] => [
  { name: service.name, protocol: 'http', port: (app.server.address() as AddressInfo).port },
];
