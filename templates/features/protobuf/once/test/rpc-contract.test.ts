import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareCode, generateCode, readGenerated } from '../scripts/rpc/generated-code.ts';

test('the generated code is that of the contracts', async () => {
  const differences = compareCode(await readGenerated(), await generateCode());
  const told = differences.map(({ path, what }) => `src/generated/${path} ${what}`).join('\n');
  assert.equal(differences.length, 0, `${told}\nRun \`npm run contract\` and commit the files.`);
});
