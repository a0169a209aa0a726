import manifest from '../package.json' with { type: 'json' };

/** Who this is in logs, traces, metrics and the contract. The image sets SERVICE_VERSION to the version it was built from. */
export const service = {
  name: manifest.name,
  version: process.env.SERVICE_VERSION ?? manifest.version,
  description: manifest.description,
};
