import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { everything, makeService } from '../generated/support/make-service.ts';
import { temporaryFolder } from '../generated/support/service-project.ts';
import { mutants } from './list/index.ts';

describe('mutants', () => {
  test('each has its place in a service with everything, and says what it would do', async () => {
    const service = await makeService(everything, await temporaryFolder());
    for (const { file, from, to, harm, tests } of mutants) {
      const text = await readFile(join(service, file), 'utf8');
      expect(text.split(from), `${file}: ${from}`).toHaveLength(2);
      expect(
        text.replace(from, () => to),
        harm,
      ).not.toBe(text);
      expect(harm).not.toBe('');
      expect(tests).not.toEqual([]);
    }
  });
});
