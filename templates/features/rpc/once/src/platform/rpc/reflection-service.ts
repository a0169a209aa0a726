import {
  create,
  createRegistry,
  type DescFile,
  type DescService,
  type MessageInitShape,
  toBinary,
} from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { status } from '@grpc/grpc-js';
import { defineRpc, type RpcDefinition } from './define-rpc.ts';
import { ErrorInfoSchema } from './standard/google/rpc/error_details_pb.ts';
import {
  ServerReflection,
  type ServerReflectionRequest,
  ServerReflectionResponseSchema,
} from './standard/grpc/reflection/v1/reflection_pb.ts';

type Answer = MessageInitShape<typeof ServerReflectionResponseSchema>['messageResponse'];

/** Tells tools such as grpcurl what can be called, from the descriptors in the generated code. */
export function reflectionService(services: readonly DescService[]): RpcDefinition {
  const described = [...services, ServerReflection];
  const files = new Map<string, DescFile>();
  // Errors carry details that no contract names.
  for (const { file } of [...described, ErrorInfoSchema]) collect(file, files);
  const registry = createRegistry(...files.values());

  const answer = ({ messageRequest: { case: asked, value } }: ServerReflectionRequest): Answer => {
    if (asked === 'listServices') {
      return { case: 'listServicesResponse', value: { service: described.map(({ typeName: name }) => ({ name })) } };
    }
    if (asked === 'fileByFilename') return fileAnswer(files.get(value.replace(/\.proto$/, '')));
    // A method or a field is in the file of what it belongs to.
    if (asked === 'fileContainingSymbol') {
      return fileAnswer((registry.get(value) ?? registry.get(value.replace(/\.[^.]*$/, '')))?.file);
    }
    return missing(status.UNIMPLEMENTED, 'extensions are not told here');
  };

  return defineRpc(ServerReflection, {
    methods: { serverReflectionInfo: { quiet: true, public: true } },
    handlers: () => ({
      async *serverReflectionInfo(requests) {
        for await (const originalRequest of requests) {
          const { host: validHost } = originalRequest;
          const messageResponse = answer(originalRequest);
          yield create(ServerReflectionResponseSchema, { validHost, originalRequest, messageResponse });
        }
      },
    }),
  });
}

function collect(file: DescFile, into: Map<string, DescFile>): void {
  if (into.has(file.name)) return;
  into.set(file.name, file);
  for (const dependency of file.dependencies) collect(dependency, into);
}

/** A file with all that it imports, so that nobody has to ask again. */
function fileAnswer(file: DescFile | undefined): Answer {
  if (!file) return missing(status.NOT_FOUND, 'there is no such file or symbol');
  const files = new Map<string, DescFile>();
  collect(file, files);
  const fileDescriptorProto = [...files.values()].map(({ proto }) => toBinary(FileDescriptorProtoSchema, proto));
  return { case: 'fileDescriptorResponse', value: { fileDescriptorProto } };
}

const missing = (errorCode: status, errorMessage: string): Answer => ({
  case: 'errorResponse',
  value: { errorCode, errorMessage },
});
