import { create } from '@bufbuild/protobuf';
import type { FastifyInstance } from 'fastify';
import type { Call } from '../../../src/platform/rpc/call.ts';
import { defineRpc, type MethodConfig } from '../../../src/platform/rpc/define-rpc.ts';
import { EchoService, type Words, WordsSchema } from './echo_pb.ts';

type Say = (words: Words, call: Call) => Promise<string>;
type Repeat = (words: Words, call: Call) => AsyncIterable<string>;

const isPublic = { public: true } as const;
const open = { say: isPublic, repeat: isPublic, join: isPublic, chat: isPublic };
const words = (text: string) => create(WordsSchema, { text });

/** For `startApp`: a service with a method of each kind, of which a test says what it does. */
export const serveEcho =
  (
    say: Say = async ({ text }) => text,
    repeat: Repeat = times,
    methods: Record<'say' | 'repeat' | 'join' | 'chat', MethodConfig> = open,
  ) =>
  async (app: FastifyInstance): Promise<void> => {
    app.rpc.add(
      defineRpc(EchoService, {
        methods,
        handlers: () => ({
          say: async (request, call) => words(await say(request, call)),
          async *repeat(request, call) {
            for await (const text of repeat(request, call)) yield words(text);
          },
          async join(requests) {
            const all: string[] = [];
            for await (const { text } of requests) all.push(text);
            return words(all.join(' '));
          },
          async *chat(requests) {
            for await (const { text } of requests) {
              if (text === 'bye') return;
              yield words(`${text}?`);
            }
          },
        }),
      }),
    );
  };

async function* times({ text, number }: Words): AsyncGenerator<string> {
  for (let i = 0n; i < number; i++) yield text;
}
