import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSettings, defineSettings, integer, oneOf, SettingsError, text, urls } from '../src/platform/settings.ts';
import { startApp } from './support/app.ts';
import { spawnService } from './support/process.ts';

const storage = defineSettings({
  url: text('STORAGE_URL', { what: 'where things are kept', secret: true }),
  size: integer('STORAGE_SIZE', { what: 'connections', default: 10, max: 100 }),
});
const partner = defineSettings({
  hosts: urls('PARTNER_URLS', { what: 'addresses of the partner' }),
  mode: oneOf('PARTNER_MODE', ['fast', 'safe'], { what: 'how to call it', default: 'safe' }),
});

test('settings are typed values', () => {
  assert.deepEqual(storage({ STORAGE_URL: 'x', STORAGE_SIZE: '20' }), { url: 'x', size: 20 });
  assert.deepEqual(partner({ PARTNER_URLS: 'http://a:1, https://b' }), {
    hosts: [new URL('http://a:1'), new URL('https://b')],
    mode: 'safe',
  });
});

test('everything that is missing or wrong, in any group, is named at once, and no secret is shown', () => {
  const env = { STORAGE_SIZE: '101', PARTNER_URLS: 'ftp://a', PARTNER_MODE: 'odd' };
  assert.throws(
    () => checkSettings([storage, partner], env),
    (error) => {
      assert.ok(error instanceof SettingsError);
      assert.deepEqual(error.problems, [
        'STORAGE_URL is missing: where things are kept',
        'STORAGE_SIZE must be an integer from 0 to 100, not "101": connections',
        'PARTNER_URLS must be http(s) addresses separated by commas, not "ftp://a": addresses of the partner',
        'PARTNER_MODE must be one of fast, safe, not "odd": how to call it',
      ]);
      return true;
    },
  );
});

test('a service with wrong settings does not start, and says which', async (t) => {
  const service = spawnService(t, { PORT: 'http', LOG_LEVEL: 'loud' });
  assert.equal(await service.exited, 1);
  const said = service.lines.join('\n');
  assert.match(said, /PORT must be an integer/);
  assert.match(said, /LOG_LEVEL must be one of/);
  assert.doesNotMatch(said, /\bat \w+.*\.ts:\d+/, 'no stack');
});

test('a service whose port is taken does not start, and says so', async (t) => {
  const { url } = await startApp(t);
  const service = spawnService(t, { PORT: new URL(url).port });
  assert.equal(await service.exited, 1);
  assert.match(service.lines.join('\n'), /address already in use 127\.0\.0\.1:\d+: set PORT to another one/);
  assert.doesNotMatch(service.lines.join('\n'), /\bat \w+.*\.ts:\d+/, 'no stack');
});
