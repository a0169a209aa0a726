import { describe, expect, test } from 'vitest';
import { parseRecord } from '../../../src/generate/inputs/parse-record.ts';
import { checkManager, placeNotes, whyNoPlace, withPlace } from '../../../src/generate/inputs/place.ts';
import { formatRecord } from '../../../src/generate/record.ts';
import { recordOf } from '../support/records.ts';
import { userError } from '../support/user-error.ts';

describe('where a service lies', () => {
  test.each<[object, boolean]>([
    [{ folder: 'orders' }, true],
    [{ folder: 'a/b_c/d.e-f/@g', workspace: '.' }, true],
    [{ folder: 'backend/orders', workspace: 'backend' }, true],
    [{ folder: 'orders', workspace: 'backend' }, false],
    [{ folder: 'backends/orders', workspace: 'backend' }, false],
    [{ folder: '' }, false],
    [{ folder: '.' }, false],
    [{ folder: '../orders' }, false],
    [{ folder: 'a/../../orders' }, false],
    [{ folder: '/orders' }, false],
    [{ folder: 'my services/orders' }, false],
    [{ folder: 'a"b' }, false],
    [{ folder: '{{a}}' }, false],
    [{ folder: true }, false],
    [{}, false],
  ])('%j can be said: %s', (place, can) => {
    expect(whyNoPlace(place) === undefined).toBe(can);
  });

  test('is kept in the record, and read back', () => {
    const record = recordOf({ repository: { folder: 'services/orders', workspace: '.' } });
    expect(parseRecord(formatRecord(record), 'service.json', '1.0.0')).toEqual(record);
  });

  test.each([
    '{ "folder": "../orders" }',
    '{ "folder": "orders", "workspace": ".." }',
    '{ "folder": "orders", "more": "x" }',
    '"orders"',
  ])('a record that says %s is refused with its line', async (text) => {
    const broken = formatRecord(recordOf()).replace('"features"', `"repository": ${text},\n  "features"`);
    expect(await userError(() => parseRecord(broken, 'service.json', '1.0.0'))).toMatchObject({
      code: 'RECORD_BROKEN',
      message: expect.stringContaining('service.json:9'),
    });
  });

  test('where nothing was found the record stays, and where it is all of its repository it says nothing', () => {
    const record = recordOf({ repository: { folder: 'services/orders' } });
    expect(withPlace(record, undefined)).toEqual(record);
    expect(withPlace(record, {})).toEqual(recordOf());
    expect(withPlace(recordOf(), { repository: { folder: 'orders' } }).repository).toEqual({ folder: 'orders' });
  });

  test('what was decided is said', () => {
    expect(placeNotes({}, 'orders')).toEqual([]);
    const member = { repository: { folder: 'backend/orders', workspace: 'backend' }, manager: 'pnpm' } as const;
    expect(placeNotes(member, 'orders').join('\n')).toMatch(
      /\.github\/workflows\/orders\.yml[\s\S]*pnpm workspace in backend/,
    );
    const stranger = { repository: { folder: 'tools/orders' }, strangerTo: 'package.json' };
    expect(placeNotes(stranger, 'orders').at(-1)).toMatch(/^package\.json does not list it/);
  });

  test('a workspace has one package manager', async () => {
    const place = { repository: { folder: 'orders', workspace: '.' }, manager: 'npm' } as const;
    checkManager('npm', place);
    checkManager('pnpm', {});
    expect((await userError(() => checkManager('pnpm', place))).code).toBe('WORKSPACE_DECIDES');
  });
});
