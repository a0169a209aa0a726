import { describe, expect, test } from 'vitest';
import { joinRecords } from '../../../src/generate/inputs/join-records.ts';
import type { ServiceRecord } from '../../../src/generate/record.ts';
import { recordOf } from '../support/records.ts';
import { userError } from '../support/user-error.ts';

const base = recordOf({ features: { a: { x: '1' } }, instances: { clients: [{ name: 'p' }] } });
const changed = (change: Partial<ServiceRecord>): ServiceRecord => ({ ...base, ...change });

describe('two records of one service', () => {
  test.each<[string, Partial<ServiceRecord>, Partial<ServiceRecord>, Partial<ServiceRecord>]>([
    [
      'what either added is there',
      { features: { a: { x: '1' }, b: {} } },
      { features: { a: { x: '1' }, c: {} } },
      { features: { a: { x: '1' }, b: {}, c: {} } },
    ],
    [
      'what both added is there once',
      { features: { a: { x: '1' }, b: {} } },
      { features: { a: { x: '1' }, b: {} } },
      { features: { a: { x: '1' }, b: {} } },
    ],
    ['what either removed is not', { features: {} }, {}, { features: {} }],
    [
      'an answer is as the one that changed it said',
      { features: { a: { x: '2' } } },
      { owner: 'z' },
      { features: { a: { x: '2' } }, owner: 'z' },
    ],
    [
      'instances are joined by name',
      { instances: { clients: [{ name: 'p' }, { name: 'q' }] } },
      { instances: { clients: [{ name: 'o' }, { name: 'p' }] } },
      { instances: { clients: [{ name: 'o' }, { name: 'p' }, { name: 'q' }] } },
    ],
    [
      'an instance that one removed is gone',
      { instances: { clients: [] } },
      { instances: { clients: [{ name: 'o' }, { name: 'p' }] } },
      { instances: { clients: [{ name: 'o' }] } },
    ],
  ])('%s', (_, ours, theirs, joined) => {
    expect(joinRecords({ base, ours: changed(ours), theirs: changed(theirs) })).toEqual(changed(joined));
    expect(joinRecords({ base, ours: changed(theirs), theirs: changed(ours) })).toEqual(changed(joined));
  });

  test('one answer changed twice is nobody’s to guess', async () => {
    const sides = { base, ours: changed({ owner: 'us' }), theirs: changed({ owner: 'them' }) };
    expect(await userError(() => joinRecords(sides))).toMatchObject({
      code: 'RECORDS_DISAGREE',
      why: expect.stringContaining('"them"'),
    });
    expect(joinRecords(sides, 'theirs').owner).toBe('them');
    expect(joinRecords(sides, 'ours').owner).toBe('us');
  });

  test('without anything in common, everything of both is there', () => {
    expect(
      joinRecords({ base: undefined, ours: base, theirs: changed({ instances: { clients: [{ name: 'q' }] } }) })
        .instances,
    ).toEqual({
      clients: [{ name: 'p' }, { name: 'q' }],
    });
  });
});
