import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { service } from '../identity.ts';
import type { Registration } from '../platform/registry/registry.ts';
import { registryOf } from '../platform/registry/registry-of.ts';
import redisSettings from '../settings/redis.ts';
import registrySettings from '../settings/registry.ts';

/**
 * Registers this instance once it listens, while it is ready, and takes it out before it refuses anything. Not needed
 * in Kubernetes, which keeps such a list itself.
 */
export default fp(
  async (app: FastifyInstance) => {
    if (!redisSettings(app.env).redisUrl) return;
    const registry = registryOf(app);
    app.addHook('onClose', () => registry.close());

    const { registryAddress } = registrySettings(app.env);
    if (registryAddress === undefined) return;
    let registration: Registration | undefined;
    const isReady = async () => (await app.health.report()).status !== 'unhealthy';
    app.addHook('onListen', async () => {
      const origin = registryAddress === 'auto' ? ownOrigin(app) : registryAddress.origin;
      registration = registry.register(service.name, origin, isReady);
    });
    app.lifecycle.leaving.push(async () => registration?.leave());
    // Where nobody asked it to leave and it closes all the same.
    app.addHook('preClose', async () => registration?.leave());
    const check = async () => {
      if (registration?.failure) throw new Error(`not registered: ${registration.failure.message}`);
      return undefined;
    };
    app.health.add('registry', check, { critical: false });
  },
  { name: 'registry', dependencies: ['health'] },
);

function ownOrigin({ server }: FastifyInstance): string {
  const { port } = server.address() as AddressInfo;
  const all = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses);
  const own = all.find(({ family, internal }) => family === 'IPv4' && !internal);
  return `http://${own?.address ?? '127.0.0.1'}:${port}`;
}
