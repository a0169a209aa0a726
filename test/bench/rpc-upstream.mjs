// One of several instances of a gRPC service: prints its port, answers UNAVAILABLE where FAILING is set, leaves gracefully at SIGTERM.
import grpc from '@grpc/grpc-js';
import { OrderService } from '../src/generated/order_service/v1/order_service_pb.ts';
import { definitionOf } from '../src/platform/rpc/definition.ts';

const server = new grpc.Server();
server.addService(definitionOf(OrderService), {
  getItem: ({ request: { id } }, answer) =>
    process.env.FAILING
      ? answer({ code: grpc.status.UNAVAILABLE, details: 'out of order' })
      : answer(null, { $typeName: 'order_service.v1.GetItemResponse', item: undefined, id }),
  putItem: (_call, answer) => answer({ code: grpc.status.UNIMPLEMENTED }),
  watchItem: (call) => call.end(),
});
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
process.once('SIGTERM', () => server.tryShutdown(() => process.exit(0)));
