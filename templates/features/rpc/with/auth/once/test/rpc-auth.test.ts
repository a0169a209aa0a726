import assert from 'node:assert/strict';
import { test } from 'node:test';
import { status } from '@grpc/grpc-js';
import { ErrorInfoSchema } from '../src/platform/rpc/standard/google/rpc/error_details_pb.ts';
import { Health } from '../src/platform/rpc/standard/grpc/health/v1/health_pb.ts';
import { startApp } from './support/app.ts';
import { EchoService } from './support/echo/echo_pb.ts';
import { serveEcho } from './support/echo/serve-echo.ts';
import { identityProviderFor } from './support/identity-provider.ts';
import { callsTo, detailsOf } from './support/rpc.ts';

const { say, repeat, join } = EchoService.method;

test('a call needs what a request needs: a good token, with the scopes of its method', async (t) => {
  const provider = await identityProviderFor(t);
  let caller: string | undefined;
  const { app } = await startApp(t, {
    env: { AUTH_ISSUER: provider.issuer },
    extend: serveEcho(
      async (_, call) => {
        caller = call.caller?.subject;
        return 'in';
      },
      undefined,
      { say: { scopes: ['echo:say'] }, repeat: { scopes: ['echo:say'] }, join: {}, chat: {} },
    ),
  });
  const calls = callsTo(t, app.rpc.port);
  const withToken = async (scope: string) => ({
    metadata: { authorization: `Bearer ${await provider.token({ scope })}` },
  });
  const refused = (call: Promise<unknown>, code: status, reason: string) =>
    assert.rejects(call, (error: { code: status }) => {
      assert.deepEqual([error.code, detailsOf(error, ErrorInfoSchema)?.reason], [code, reason]);
      return true;
    });

  await refused(calls.unary(say, {}), status.UNAUTHENTICATED, 'TOKEN_MISSING');
  const forged = { metadata: { authorization: 'Bearer e30.e30.e30' } };
  await refused(calls.unary(say, {}, forged), status.UNAUTHENTICATED, 'TOKEN_INVALID');
  await refused(calls.unary(say, {}, await withToken('other')), status.PERMISSION_DENIED, 'SCOPE_MISSING');
  await refused(calls.watch(repeat, {}).toArray(), status.UNAUTHENTICATED, 'TOKEN_MISSING');
  await refused(calls.collect(join, []), status.UNAUTHENTICATED, 'TOKEN_MISSING');
  assert.equal(caller, undefined, 'no handler has run');

  assert.equal((await calls.unary(say, {}, await withToken('echo:say'))).message.text, 'in');
  assert.equal(caller, 'dev');
  // Probes have no token.
  await calls.unary(Health.method.check, {});
});
