import { networkInterfaces } from 'node:os';
import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { ownPorts } from '../platform/discovery/own-ports.ts';
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
    let registrations: Registration[] = [];
    const isReady = async () => (await app.health.report()).status !== 'unhealthy';
    app.addHook('onListen', async () => {
      registrations = originsOf(app, registryAddress).map(({ name, origin }) =>
        registry.register(name, origin, isReady),
      );
    });
    const leave = async () => void (await Promise.all(registrations.map((one) => one.leave())));
    app.lifecycle.leaving.push(leave);
    // Where nobody asked it to leave and it closes all the same.
    app.addHook('preClose', leave);
    const check = async () => {
      const failure = registrations.find((one) => one.failure)?.failure;
      if (failure) throw new Error(`not registered: ${failure.message}`);
      return undefined;
    };
    app.health.add('registry', check, { critical: false });
  },
  { name: 'registry', dependencies: ['health'] },
);

/** The address in the settings is that of HTTP; other ports are reached at the same host. */
function originsOf(app: FastifyInstance, address: URL | 'auto'): { name: string; origin: string }[] {
  const host = address === 'auto' ? ownHost() : address.hostname;
  return ownPorts(app).map(({ name, protocol, port }, index) => ({
    name,
    origin: index === 0 && address !== 'auto' ? address.origin : new URL(`${protocol}://${host}:${port}`).origin,
  }));
}

function ownHost(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses);
  const own = all.find(({ family, internal }) => family === 'IPv4' && !internal);
  return own?.address ?? '127.0.0.1';
}
