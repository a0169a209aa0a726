import { describe, expect, test } from 'vitest';
import type { CheckRun } from '../../src/check/contract.ts';
import { runCommandLine } from '../../src/cli/main.ts';
import { testPorts } from '../cli/support/test-ports.ts';
import { differences, type FieldCase, fieldCases, isOfFiles } from './support/field-case.ts';

/** Cases that do not come out right yet: whoever mends one takes it off. */
const notYet = new Set<string>();

async function judge({ manifests, args }: FieldCase): Promise<CheckRun> {
  const ports = testPorts({ cwd: manifests });
  await runCommandLine('msvc', ['check-cluster', '--from', manifests, '-o', 'json', ...args], ports);
  if (ports.stdout.text === '') throw new Error(ports.stderr.text);
  const run = JSON.parse(ports.stdout.text);
  // An error is told as JSON too.
  if (!run.results) throw new Error(ports.stdout.text);
  return run;
}

describe('cases from the field, in files', () => {
  test.each(fieldCases().filter(isOfFiles))('$name', async (fieldCase) => {
    const wrong = await judge(fieldCase).then(
      (run) => differences(fieldCase, run),
      (error) => [String(error)],
    );
    if (notYet.has(fieldCase.name)) expect(wrong, 'it comes out right: take it off the list').not.toEqual([]);
    else expect(wrong).toEqual([]);
  });
});
