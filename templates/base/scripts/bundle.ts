import { cp, readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { type BuildContext, type BuildOptions, context } from 'esbuild';

interface Target {
  outdir: string;
  /** Path parts above it are left out: `src` for dist/main.js, `.` for dist/src/main.js. */
  outbase: string;
  /** More entries than those of src/. */
  tests?: readonly string[];
}

/**
 * Bundles src/ with its dependencies, since a process that reads thirty files starts several times faster than one that
 * reads fifteen hundred: in production, at every change in development, and once for each file of tests.
 * What is found by folder at run time stays a file of its own (package.json, bundle.found).
 */
export async function bundle({ outdir, outbase, tests = [] }: Target): Promise<BuildContext> {
  // As it is now: `npm run dev` bundles again after it has changed.
  const manifest = JSON.parse(await readFile('package.json', 'utf8')) as {
    bundle: Record<'found' | 'external', string[]>;
  };
  const { found, external } = manifest.bundle;
  const files = await filesOf('src');
  const isTopLevel = (file: string) => file.split(sep).length === 2;
  const isFound = (file: string) => found.some((folder) => file.startsWith(join(folder, sep)));
  const entries = files.filter((file) => file.endsWith('.ts') && (isTopLevel(file) || isFound(file)));
  const options: BuildOptions = {
    entryPoints: [...entries, ...tests],
    outdir,
    outbase,
    // Beside main.js, because src/root.ts takes its own folder for the one in which plugins and routes are.
    chunkNames: join(outbase === '.' ? 'src' : '', '[name]-[hash]'),
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: 'linked',
    external: ['pino-pretty', 'esbuild', ...external],
    // Packages in CommonJS call require() for Node's own modules.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    logLevel: 'warning',
  };
  for (const file of files.filter((name) => !name.endsWith('.ts'))) {
    await cp(file, join(outdir, outbase === '.' ? file : file.slice(`src${sep}`.length)));
  }
  return context(options);
}

export async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
