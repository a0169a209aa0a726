import { type DescMethod, type DescService, fromBinary, type Message, toBinary } from '@bufbuild/protobuf';
import type { MethodDefinition } from '@grpc/grpc-js';

export const isStreamIn = ({ methodKind }: DescMethod): boolean =>
  methodKind === 'client_streaming' || methodKind === 'bidi_streaming';

export const isStreamOut = ({ methodKind }: DescMethod): boolean =>
  methodKind === 'server_streaming' || methodKind === 'bidi_streaming';

/** `/inventory.v1.InventoryService/GetItem` */
export const pathOf = ({ parent, name }: DescMethod): string => `/${parent.typeName}/${name}`;

/** A method as grpc-js takes it. Messages are read and written by the generated code: no .proto file is needed. */
export const methodDefinition = (method: DescMethod): MethodDefinition<Message, Message> => ({
  path: pathOf(method),
  requestStream: isStreamIn(method),
  responseStream: isStreamOut(method),
  requestSerialize: (message) => bufferOf(toBinary(method.input, message)),
  requestDeserialize: (bytes) => fromBinary(method.input, bytes),
  responseSerialize: (message) => bufferOf(toBinary(method.output, message)),
  responseDeserialize: (bytes) => fromBinary(method.output, bytes),
});

export const definitionOf = ({ methods }: DescService): Record<string, MethodDefinition<Message, Message>> =>
  Object.fromEntries(methods.map((method) => [method.localName, methodDefinition(method)]));

/** The same bytes, not copied. */
const bufferOf = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);
