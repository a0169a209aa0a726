import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { filesOf } from '../scripts/bundle.ts';
import { advisoryLocks } from '../src/platform/postgres/advisory-locks.ts';

const register = 'src/platform/postgres/advisory-locks.ts';
/** A call that takes a lock, or a name that is given to one, with the rest of its line. */
const takes = /\b(?:pg_\w*advisory\w*|inTurn)\(.*|\b\w*lock(?:Number|Key|Id)?\s*=\s*['"`]?\d.*/gi;
const known: readonly number[] = Object.values(advisoryLocks);

test('every advisory lock is in the register, and each number has one owner', async () => {
  assert.equal(new Set(known).size, known.length, `two owners of one number in ${register}`);
  for (const file of await filesOf('src')) {
    const text = await readFile(file, 'utf8');
    for (const { index, 0: call } of text.matchAll(takes)) {
      // A parameter of the statement is no number of a lock; what a template says comes from the register.
      const numbers = call.replaceAll(/\$\d+|bigint|<<\s*\d+/g, '').match(/\b\d[\d_]*/g) ?? [];
      const strange = numbers.map((number) => Number(number.replaceAll('_', ''))).filter((one) => !isKnown(one));
      const where = `${file}:${text.slice(0, index).split('\n').length}`;
      assert.deepEqual(strange, [], `${where} takes a lock that is not in ${register}: add it there, with its owner`);
      if (file.endsWith('.ts')) {
        assert.deepEqual(numbers, [], `${where} names a lock by its number: take it from ${register}`);
      }
    }
  }
});

const isKnown = (number: number): boolean => number === 0 || known.includes(number);
