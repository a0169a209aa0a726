import { expect, test } from 'vitest';
import { commandsUnbroken, unbroken, wrap } from '../src/wrap.ts';

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

test.each([
  ['Place it anew: [kubectl rollout restart deployment/orders -n shop].'],
  ['Declare it: [msvc add-client payments,] or add it to the list.'],
  ['Make one: [kubectl create poddisruptionbudget orders -n shop --selector=app=orders] and look again'],
  ['Set its requests ([kubectl top pod] shows what it takes now), and a limit.'],
  ['Give it rights on these ([msvc check-cluster --print-rbac)] and run again.'],
  ['See that it runs, then restart: [kubectl rollout restart.]'],
  ['[kubectl describe ksvc] says why.'],
  ['Record again: [msvc check-cluster --record FOLDER]'],
  ['No command here, though npm-like words and kubectl.'],
])('the command of %j is one piece', (marked) => {
  const whole = marked.replace(/\[([^\]]*)\]/g, (_, inside: string) => unbroken(inside));
  expect(commandsUnbroken(marked.replace(/[[\]]/g, ''))).toBe(whole);
});
