import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { service } from '../../identity.ts';
import rpcSettings from '../../settings/rpc.ts';

/** A port of this service, and the name that others look for it by. */
export interface OwnPort {
  name: string;
  protocol: 'http' | 'https';
  port: number;
}

/** Once the service listens: that of gRPC has the name that its Service has in Kubernetes. */
export const ownPorts = (app: FastifyInstance): OwnPort[] => [
  { name: service.name, protocol: 'http', port: (app.server.address() as AddressInfo).port },
  { name: `${service.name}-rpc`, protocol: rpcSettings(app.env).certFile ? 'https' : 'http', port: app.rpc.port },
];
