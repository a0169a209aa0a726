import { rm } from 'node:fs/promises';
import { bundle } from './bundle.ts';

/** `npm run build`: src/ → dist/, all that production needs. */
await rm('dist', { recursive: true, force: true });
const build = await bundle({ outdir: 'dist', outbase: 'src' });
await build.rebuild();
await build.dispose();
