import assert from 'node:assert/strict';
import { test } from 'node:test';
import { request } from 'undici';
import { HttpClient } from '../src/platform/http-client/http-client.ts';
import { openAgent } from '../src/platform/http-client/open-agent.ts';
import { startApp } from './support/app.ts';
import { readSettings } from './support/client.ts';
import { json, startUpstream } from './support/upstream.ts';

const secret = 'hunter2';

test('what was sent and answered stays out of the log, however a call fails', async (t) => {
  const { app, logs } = await startApp(t);
  const upstream = await startUpstream(t, json(401, { title: 'no', access_token: secret }, { 'set-cookie': secret }));
  const observer = { circuitChanged: () => {}, retrying: () => {}, finished: () => {} };
  const clientTo = (url: string) => {
    const settings = { ...readSettings({ PEER_URL: url }), retries: 0 };
    const dispatcher = openAgent(settings);
    return new HttpClient({ service: 'peer', settings, dispatcher, observer, token: async () => secret });
  };
  const [answered, away] = [clientTo(upstream.url), clientTo('http://127.0.0.1:1')];
  t.after(() => Promise.all([answered.close(), away.close()]));
  const headers = { cookie: secret, 'x-api-key': secret };
  const withPassword = upstream.url.replace('//', `//app:${secret}@`);
  const failing = [
    () => answered.get('/', { headers }),
    () => away.get('/', { headers }),
    () => away.post('/', { headers: { 'x-key': `bad\n${secret}` }, body: { secret } }),
    () => fetch(withPassword),
    () => request('http://127.0.0.1:1', { headers }),
  ];
  for (const call of failing) {
    const error = await call().then(
      () => assert.fail('it should fail'),
      (reason: Error) => reason,
    );
    app.log.error({ err: error }, 'the call failed');
    app.log.error(error);
  }
  assert.equal(upstream.requests[0]?.headers.authorization, `Bearer ${secret}`, 'it was sent');
  assert.doesNotMatch(JSON.stringify(logs), /hunter2/);
});
