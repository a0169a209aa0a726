import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { useBuiltPackage } from './support/built-package.ts';
import { replay } from './support/transcript.ts';

const built = useBuiltPackage();
const folder = new URL('transcripts/', import.meta.url);
const files = (await readdir(folder)).filter((file) => file.endsWith('.md')).sort();

// Each document is what a person would see. `vitest run -u` writes them anew: review the difference as behaviour.
describe.skipIf(process.platform === 'win32')('transcripts', () => {
  test.each(files)('%s', async (file) => {
    const path = new URL(file, folder);
    const cwd = await realpath(await mkdtemp(join(tmpdir(), 'msvc-transcript-')));
    onTestFinished(() => rm(cwd, { recursive: true, force: true }));
    const document = await readFile(path, 'utf8');
    expect(document, 'a transcript has a console block').toContain('```console\n$ ');
    const written = await replay(document, {
      cwd,
      path: built.path,
      replace: [
        [cwd, '~'],
        [packageJson.version, '<version>'],
        // What the templates hold is not what a transcript is about.
        [/\d+ files written/g, '<n> files written'],
        [/ added: \d.*/g, ' added: <changes>.'],
        [/Known are: .*/g, 'Known are: <features>.'],
      ],
    });
    await expect(written).toMatchFileSnapshot(path.pathname);
  });
});
