import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { useBuiltPackage } from './support/built-package.ts';

const built = useBuiltPackage();

/** Starts a bin under a Node that says it is of another version. */
const under = (version: string) =>
  spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `Object.defineProperty(process.versions, 'node', { value: '${version}' });
       process.argv = [process.argv[0], 'msvc', '--version'];
       (await import('${built.packageDir}/bin/start.js')).start('msvc');`,
    ],
    { encoding: 'utf8' },
  );

test.each(['14.21.3', '18.20.8', '20.18.3'])('Node %s is told in one line that it is too old', (version) => {
  expect(under(version)).toMatchObject({
    stdout: '',
    stderr: `msvc needs Node 20.19 or newer, and this is ${version}: see https://nodejs.org\n`,
    status: 2,
  });
});

test.each(['20.19.0', '22.0.0', '26.1.0'])('Node %s is not', (version) => {
  expect(under(version)).toMatchObject({ stderr: '', status: 0 });
});

test('the package asks for the same version', () => {
  const read = (path: string): string => readFileSync(`${built.packageDir}/${path}`, 'utf8');
  expect(JSON.parse(read('package.json')).engines.node).toBe('>=20.19');
  expect(read('bin/start.js')).toContain('Node 20.19 or newer');
});
