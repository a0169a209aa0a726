import assert from 'node:assert/strict';
import { test } from 'node:test';
import { service } from '../src/identity.ts';
import { ownPorts } from '../src/platform/discovery/own-ports.ts';
import { startApp } from './support/app.ts';

test('the port of gRPC has a name of its own, under which clients look for it', async (t) => {
  const { app } = await startApp(t);
  const found = ownPorts(app).find(({ name }) => name === `${service.name}-rpc`);
  assert.deepEqual(found, { name: `${service.name}-rpc`, protocol: 'http', port: app.rpc.port });
});
