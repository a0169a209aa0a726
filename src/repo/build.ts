import { rmSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build as bundle, type Metafile } from 'esbuild';
import { clientWithoutApis } from './client-without-apis.ts';
import { compiledTemplates } from './compiled-templates.ts';
import { licenceNotices } from './licence-notices.ts';
import { nativeFetch } from './native-fetch.ts';
import { oneCoreChunk } from './one-core-chunk.ts';
import { commanderWithoutChildProcess } from './without-child-process.ts';
import { generatorsWithoutTypescript } from './without-typescript.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const entry = 'src/cli/main.ts';

/**
 * Bundles the command line into `outdir`: one entry for both bins (what two share would be one more file to open at
 * every start), chunks that load on demand, the templates precompiled, every library inside (so that an install fetches
 * nothing else), and the licences those libraries ask to be shown. `published` is for the package that a registry will
 * serve: services that it makes depend on it by version.
 */
export async function build(outdir: string, published = false): Promise<Metafile> {
  const { metafile } = await bundle({
    absWorkingDir: root,
    entryPoints: [entry],
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // Names stay, so that the stack in a bug report can be read.
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
    // CommonJS libraries call `require` for Node's own modules.
    banner: {
      js: "import{createRequire as $createRequire}from'node:module';const require=$createRequire(import.meta.url);",
    },
    plugins: [
      compiledTemplates(join(root, 'templates'), published),
      oneCoreChunk(join(root, entry)),
      commanderWithoutChildProcess,
      clientWithoutApis,
      nativeFetch,
      generatorsWithoutTypescript,
    ],
  });
  await mkdir(outdir, { recursive: true });
  await copyFile(join(root, 'src/check/report/report.schema.json'), join(outdir, 'report.schema.json'));
  await writeFile(join(outdir, 'THIRD-PARTY-LICENSES.txt'), await licenceNotices(root, metafile));
  return metafile;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const outdir = join(root, 'dist');
  rmSync(outdir, { recursive: true, force: true });
  const { outputs } = await build(outdir, process.env.npm_command === 'publish');
  const bytes = Object.values(outputs).reduce((sum, output) => sum + output.bytes, 0);
  console.log(`dist/: ${Object.keys(outputs).length} files, ${Math.round(bytes / 1024)} KB`);
}
