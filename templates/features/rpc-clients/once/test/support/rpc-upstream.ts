import type { TestContext } from 'node:test';
import { create } from '@bufbuild/protobuf';
import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { definitionOf } from '../../src/platform/rpc/definition.ts';
import { EchoService, type Words, WordsSchema } from './echo/echo_pb.ts';

type Say = (call: ServerUnaryCall<Words, Words>, answer: sendUnaryData<Words>) => void;
type Repeat = (call: ServerWritableStream<Words, Words>) => void;

export interface RpcUpstream {
  port: number;
  /** Calls of `say` that arrived. */
  calls: ServerUnaryCall<Words, Words>[];
  /** What it answers from now on. */
  say: Say;
  repeat: Repeat;
  /** As a process that is killed: connections break. */
  kill(): void;
}

export const words = (text: string): Words => create(WordsSchema, { text });

/** A real gRPC server that plays another service, and breaks when told to. */
export async function startRpcUpstream(
  t: TestContext,
  { credentials = ServerCredentials.createInsecure(), port = 0 } = {},
): Promise<RpcUpstream> {
  const server = new Server();
  const upstream: RpcUpstream = {
    port: 0,
    calls: [],
    say: ({ request }, answer) => answer(null, request),
    repeat(call) {
      for (let i = 0n; i < call.request.number; i++) call.write(call.request);
      call.end();
    },
    kill: () => server.forceShutdown(),
  };
  server.addService(definitionOf(EchoService), {
    say(call: ServerUnaryCall<Words, Words>, answer: sendUnaryData<Words>) {
      upstream.calls.push(call);
      upstream.say(call, answer);
    },
    repeat: (call: ServerWritableStream<Words, Words>) => upstream.repeat(call),
    async join(call: ServerReadableStream<Words, Words>, answer: sendUnaryData<Words>) {
      const all = await call.toArray();
      answer(null, words(all.map(({ text }) => text).join(' ')));
    },
    chat(call: ServerDuplexStream<Words, Words>) {
      call.on('data', ({ text }) => call.write(words(`${text}?`)));
      call.on('end', () => call.end());
    },
  });
  upstream.port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  t.after(() => server.forceShutdown());
  return upstream;
}
