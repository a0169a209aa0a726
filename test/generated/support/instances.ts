import { join } from 'node:path';
import type { FeatureManifest } from '../../../src/generate/manifest.ts';

const documents = join(import.meta.dirname, '../../generate/contracts/documents');

/** Where one command with the manifest's example does not show every way in which an instance can be. */
const commands: Readonly<Record<string, readonly string[]>> = {
  clients: [
    'msvc add-client payments',
    'msvc add-client inventory',
    `msvc add-client charges --openapi ${join(documents, 'charges.yaml')}`,
    `msvc add-client catalog --openapi ${join(documents, 'catalog.json')}`,
    `msvc add-client stock --grpc ${join(documents, 'stock.proto')}`,
    `msvc add-client prices --grpc ${join(documents, 'tree/prices/v1/prices.proto')}`,
  ],
  upstreams: ['msvc add-route /api/orders/* orders --rewrite /v1/orders --auth none'],
  sagas: ['msvc add-saga checkout --steps reserve-stock,charge-payment@payments,find-shelf@stock'],
  events: [
    'msvc add-event orders.created --publish',
    'msvc add-event payments.captured --subscribe',
    'msvc add-event orders.viewed --direct',
  ],
};

/** The commands that add a feature to a service, with its instances where it has some. */
export function commandsFor({ id, instances }: FeatureManifest): readonly string[] {
  if (!instances) return [`msvc add-feature ${id}`];
  const { kind, noun, example = `my-${noun}` } = instances;
  return commands[kind] ?? [`msvc add-${noun} ${example}`];
}
