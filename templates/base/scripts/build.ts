import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import manifest from '../package.json' with { type: 'json' };

/**
 * `npm run build`: src/ → dist/, bundled with its dependencies, because a process that reads forty files starts twice
 * as fast as one that reads a thousand. What is found by folder at run time stays a file of its own.
 */
const { found, external } = manifest.bundle;
const files = (await readdir('src', { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));
const isFound = (file: string) => found.some((folder) => file.startsWith(join(folder, '')));
const isTopLevel = (file: string) => file.split(/[/\\]/).length === 2;

await rm('dist', { recursive: true, force: true });
await build({
  entryPoints: files.filter((file) => file.endsWith('.ts') && (isTopLevel(file) || isFound(file))),
  outdir: 'dist',
  outbase: 'src',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: 'linked',
  external: ['pino-pretty', ...external],
  // Packages in CommonJS call require() for Node's own modules.
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  logLevel: 'warning',
});
for (const file of files.filter((name) => !name.endsWith('.ts'))) {
  await cp(file, join('dist', file.slice('src'.length)));
}
