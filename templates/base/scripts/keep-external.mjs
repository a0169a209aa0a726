import { readFileSync, writeFileSync } from 'node:fs';

/** For the image: leaves in package.json only the dependencies that dist/ does not hold, so that `prune` removes the rest. */
const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const external = new Set(manifest.bundle.external);
manifest.dependencies = Object.fromEntries(
  Object.entries(manifest.dependencies).filter(([name]) => external.has(name)),
);
delete manifest.devDependencies;
writeFileSync('package.json', `${JSON.stringify(manifest, null, 2)}\n`);
