import { expect, test } from 'vitest';
import { ownReadmes, shellLines } from '../cli/support/documented-commands.ts';
import { shown } from '../system/tour.ts';

test('the system that the README makes is the one that runs in the tests', () => {
  const lines = shellLines(ownReadmes['README.md'] ?? '', 'README.md').map(({ line }) => line);
  const first = lines.indexOf(shown[0] ?? '');
  expect(lines.slice(first, first + shown.length)).toEqual(shown);
});
