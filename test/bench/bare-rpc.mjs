// The unary method of the example contract on grpc-js and proto-loader, and nothing else. Copied into a generated service.
import { createServer } from 'node:http';
import grpc from '@grpc/grpc-js';
import { itemService } from './bare-rpc-contract.mjs';

const items = new Map();
const server = new grpc.Server();
server.addService(itemService, {
  putItem({ request: { item } }, answer) {
    items.set(item.id, item);
    answer(null, { item });
  },
  getItem: ({ request: { id } }, answer) => answer(null, { item: items.get(id) }),
  watchItem: (call) => call.end(),
});
const credentials = grpc.ServerCredentials.createInsecure();
server.bindAsync(`127.0.0.1:${process.env.RPC_PORT}`, credentials, () =>
  createServer((_, response) => response.end()).listen(Number(process.env.PORT), '127.0.0.1'),
);
process.once('SIGTERM', () => process.exit(0));
