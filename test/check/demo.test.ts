import { expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { demoSnapshot } from '../../src/check/sources/recording/demo.ts';
import { projectionVersion } from '../../src/check/sources/resources/resources.ts';
import { runCommandLine } from '../../src/cli/main.ts';
import { testPorts } from '../cli/support/test-ports.ts';

test('the recording that ships is of the present projection (else: npm run demo)', () => {
  expect(demoSnapshot().projection).toBe(projectionVersion);
});

test('--demo judges it without a cluster', async () => {
  const ports = testPorts();
  expect(await runCommandLine('msvc', ['check-cluster', '--demo'], ports)).toBe(1);
  await expect(ports.stdout.text.replace(packageJson.version, 'VERSION')).toMatchFileSnapshot('report/demo.txt');
});

test('--demo and a cluster exclude one another', async () => {
  const ports = testPorts();
  expect(await runCommandLine('msvc', ['check-cluster', '--demo', '--context', 'x'], ports)).toBe(2);
  expect(ports.stderr.text).toContain('--demo and another source exclude one another');
});
