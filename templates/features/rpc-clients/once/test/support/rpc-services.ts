import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { create, type DescMethod, type DescService, type Message } from '@bufbuild/protobuf';
import { Server, ServerCredentials, type ServerDuplexStream, type sendUnaryData, status } from '@grpc/grpc-js';
import { definitionOf, isStreamIn, isStreamOut } from '../../src/platform/rpc/definition.ts';

/** A real gRPC server that answers each method of these services with an empty message, or with a status when told to. */
export async function startRpcServices(t: TestContext, services: readonly DescService[]) {
  const methods = services.flatMap((service) => service.methods.map(({ name }) => `${service.typeName}/${name}`));
  const called: string[] = [];
  let code = status.OK;
  const answer =
    (method: DescMethod) => (call: ServerDuplexStream<Message, Message>, done?: sendUnaryData<Message>) => {
      called.push(`${method.parent.typeName}/${method.name}`);
      const message = create(method.output);
      if (isStreamIn(method)) call.resume();
      const error = code === status.OK ? null : { code, details: status[code] };
      if (!isStreamOut(method)) done?.(error, message);
      else if (error) call.emit('error', error);
      else {
        call.write(message);
        call.end();
      }
    };
  const server = new Server();
  for (const service of services) {
    const handlers = service.methods.map((method) => [method.localName, answer(method)]);
    server.addService(definitionOf(service), Object.fromEntries(handlers));
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  t.after(() => server.forceShutdown());
  return {
    port,
    methods,
    called,
    answerWith(next: status) {
      code = next;
    },
  };
}

type AnyMethod = (input: object) => Promise<object> & AsyncIterable<object>;

/** Calls each method once, with an empty message. */
export async function callEach(services: readonly DescService[], client: object): Promise<void> {
  for (const method of services.flatMap((service) => service.methods)) {
    const call = (client as Record<string, AnyMethod>)[method.localName];
    assert.ok(call, method.localName);
    const answer = call(isStreamIn(method) ? [{}] : {});
    if (!isStreamOut(method)) await answer;
    else for await (const message of answer) assert.ok(message);
  }
}
