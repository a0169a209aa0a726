import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { status } from '@grpc/grpc-js';
import {
  ServerReflection,
  type ServerReflectionResponse,
} from '../src/platform/rpc/standard/grpc/reflection/v1/reflection_pb.ts';
import { startApp } from './support/app.ts';
import { EchoService } from './support/echo/echo_pb.ts';
import { serveEcho } from './support/echo/serve-echo.ts';
import { callsTo } from './support/rpc.ts';

const { serverReflectionInfo } = ServerReflection.method;

test('tools learn from the server what can be called, and the caller ends the talk', async (t) => {
  const { app } = await startApp(t, { extend: serveEcho() });
  const talk = callsTo(t, app.rpc.port).duplex(serverReflectionInfo);
  const questions = [
    { case: 'listServices', value: '' },
    { case: 'fileContainingSymbol', value: `${EchoService.typeName}.Say` },
    { case: 'fileByFilename', value: EchoService.file.proto.name },
    { case: 'fileContainingSymbol', value: 'nobody.v1.Nothing' },
    { case: 'fileByFilename', value: 'google/protobuf/any.proto' },
    { case: 'fileContainingSymbol', value: 'google.rpc.ErrorInfo' },
  ] as const;
  for (const messageRequest of questions) talk.write({ messageRequest });
  talk.end();
  const answers: ServerReflectionResponse[] = await talk.toArray();
  const [list, bySymbol, byName, missing, unused, details] = answers.map(({ messageResponse }) => messageResponse);

  assert.ok(list?.case === 'listServicesResponse');
  const names = list.value.service.map(({ name }) => name);
  assert.ok(names.includes(EchoService.typeName) && names.includes('grpc.health.v1.Health'), names.join());

  assert.equal(details?.case, 'fileDescriptorResponse', 'what errors carry');
  assert.ok(bySymbol?.case === 'fileDescriptorResponse');
  assert.deepEqual(bySymbol, byName);
  const file = bySymbol.value.fileDescriptorProto.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
  // What a tool makes of it, without any file of ours.
  const registry = createFileRegistry({ $typeName: FileDescriptorSetSchema.typeName, file });
  assert.deepEqual(
    registry.getService(EchoService.typeName)?.methods.map(({ name }) => name),
    ['Say', 'Repeat', 'Join', 'Chat'],
  );
  for (const answer of [missing, unused]) {
    assert.ok(answer?.case === 'errorResponse');
    assert.equal(answer.value.errorCode, status.NOT_FOUND);
  }
});

test('in production nobody is told, unless RPC_REFLECTION says so', async (t) => {
  const { app } = await startApp(t, { env: { RPC_REFLECTION: 'off' } });
  const talk = callsTo(t, app.rpc.port).duplex(serverReflectionInfo);
  talk.end();
  await assert.rejects(talk.toArray(), { code: status.UNIMPLEMENTED });

  const { default: rpcSettings } = await import('../src/settings/rpc.ts');
  assert.equal(rpcSettings({ NODE_ENV: 'production' }).reflection, 'off');
  assert.equal(rpcSettings({ NODE_ENV: 'development' }).reflection, 'on');
});
