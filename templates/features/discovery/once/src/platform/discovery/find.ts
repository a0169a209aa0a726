import type { FastifyInstance } from 'fastify';
import { SettingsError } from '../settings.ts';
import { type Found, ways } from './ways.ts';

interface Wanted {
  service: string;
  way: keyof typeof ways;
  urls: readonly URL[];
  /** End of the name of the setting that the addresses come from. */
  setting: 'URL' | 'RPC_URL';
}

/** What finds the instances of a service. @throws SettingsError where its way lacks something */
export function find(app: FastifyInstance, { service, way, urls, setting }: Wanted): Found {
  const prefix = service.replaceAll('-', '_').toUpperCase();
  try {
    return ways[way](app, urls, `${prefix}_${setting}`);
  } catch (error) {
    throw new SettingsError([`${prefix}_DISCOVERY=${way} needs ${(error as Error).message}`]);
  }
}
