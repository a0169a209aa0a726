import { expect, test } from 'vitest';
import { unbroken, wrap } from '../src/wrap.ts';

const command = 'kubectl get deployment order-service -n shop';

test.each<[text: string, lines: string[]]>([
  ['one two three four fives', ['one two three four', '  fives']],
  [`see ${'x'.repeat(25)} now`, ['see', `  ${'x'.repeat(20)}`, `  ${'x'.repeat(5)} now`]],
  ['', []],
])('%j is broken at spaces, and a word that is longer than a line is cut', (text, lines) => {
  expect(wrap(text, 22, '  ')).toEqual(lines);
});

test('a command is never broken, also where it is longer than a line', () => {
  expect(wrap(`look: ${unbroken(command)} and see`, 22, '  ')).toEqual(['look:', `  ${command}`, '  and see']);
  expect(wrap(unbroken(command), 200)).toEqual([command]);
});
