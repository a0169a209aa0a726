import type { TestContext } from 'node:test';
import { create, type DescMethod, type DescService, type Message } from '@bufbuild/protobuf';
import {
  type Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { definitionOf, isStreamIn, isStreamOut } from '../../src/platform/rpc/definition.ts';
import type { Ask, StepCall, StepContract } from './step-service.ts';

/** What the services of steps that are called by gRPC have promised. */
interface RpcContract {
  services: readonly DescService[];
  /** Which step a call is, and under which key. */
  read(metadata: Metadata, message: Message, method: DescMethod): StepCall;
  /** What a step that was done is answered with: fields of the method's answer. */
  answer(call: StepCall, method: DescMethod): object;
}

/**
 * As a new saga calls: with its key in the metadata, and that of the action for what undoes it. Where the key is in the
 * message, `read` it there.
 */
export const plainRpc = (...services: readonly (readonly DescService[])[]): StepContract['rpc'] =>
  rpcContract({
    services: services.flat(),
    read(metadata) {
      const [actionKey] = metadata.get('action-key');
      const key = String(actionKey ?? metadata.get('idempotency-key')[0]);
      return { step: key.split(':').at(-1) ?? '', isUndo: actionKey !== undefined, key };
    },
    answer: () => ({}),
  });

/** A real gRPC server of these services, whose calls are the steps of a saga. */
export const rpcContract =
  (contract: RpcContract): NonNullable<StepContract['rpc']> =>
  async (t, ask) => {
    const server = new Server();
    for (const service of contract.services) {
      const single = service.methods.filter((method) => !isStreamIn(method) && !isStreamOut(method));
      const handlers = single.map((method) => [method.localName, handler(t, contract, method, ask)]);
      server.addService(definitionOf(service), Object.fromEntries(handlers));
    }
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
    t.after(() => server.forceShutdown());
    return `grpc://127.0.0.1:${port}`;
  };

const handler =
  (t: TestContext, { read, answer }: RpcContract, method: DescMethod, ask: Ask) =>
  async ({ metadata, request }: ServerUnaryCall<Message, Message>, done: sendUnaryData<Message>): Promise<void> => {
    const call = read(metadata, request, method);
    tellOfUnset(t, call, method, request);
    const { status: http } = await ask(call);
    if (http < 300) return done(null, create(method.output, answer(call, method) as Record<string, unknown>));
    done({ code: codes[http] ?? status.FAILED_PRECONDITION, details: `${call.step} is answered ${http}` });
  };

const codes: Readonly<Record<number, status>> = {
  409: status.ABORTED,
  429: status.UNAVAILABLE,
  500: status.INTERNAL,
  503: status.UNAVAILABLE,
};

const told = new Set<string>();

/** The compiler takes a message without its fields, so that nobody would ask where they are. */
function tellOfUnset(t: TestContext, { step, isUndo }: StepCall, method: DescMethod, message: Message): void {
  const values = message as unknown as Record<string, unknown>;
  const isSet = ({ kind, localName }: DescMethod['input']['members'][number]): boolean =>
    kind === 'oneof' ? (values[localName] as { case?: string }).case !== undefined : Boolean(values[localName]);
  const unset = method.input.members.filter((member) => !isSet(member)).map(({ name }) => name);
  const text = `${isUndo ? 'undo ' : ''}${step} calls ${method.name} without ${unset.join(', ')}`;
  if (unset.length > 0 && !told.has(text)) t.diagnostic(text);
  told.add(text);
}
