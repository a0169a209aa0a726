// rpc-load.mjs <bare|ours|traced> <port> <calls>: calls 16 at a time, and prints the microseconds of processor time of each.
import grpc from '@grpc/grpc-js';
import { OrderService as BareService } from './bare-rpc-contract.mjs';

const [kind, port, calls] = process.argv.slice(2);

async function bare() {
  const client = new BareService(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  const call = (name, request) =>
    new Promise((resolve, reject) =>
      client[name](request, (error, answer) => (error ? reject(error) : resolve(answer))),
    );
  return {
    put: (request) => call('putItem', request),
    get: (request) => call('getItem', request),
    close: () => client.close(),
    run: (work) => work(),
  };
}

async function ours() {
  const { RpcCaller } = await import('../src/platform/rpc-client/rpc-caller.ts');
  const { rpcClientSettings } = await import('../src/platform/rpc-client/settings.ts');
  const { OrderService } = await import('../src/generated/order_service/v1/order_service_pb.ts');
  const { startTracing } = await import('../src/platform/tracing/start.ts');
  const { withSpan } = await import('../src/platform/tracing/span.ts');
  const { Registry, Histogram } = await import('prom-client');
  const tracing = await startTracing(process.env);
  const duration = new Histogram({
    name: 'calls',
    help: 'calls',
    labelNames: ['outcome'],
    registers: [new Registry()],
  });
  const rpc = new RpcCaller({
    service: 'order-service',
    settings: rpcClientSettings('PEER', { url: `grpc://127.0.0.1:${port}` })({}),
    observer: {
      circuitChanged() {},
      retrying() {},
      finished: (outcome, seconds) => duration.observe({ outcome }, seconds),
    },
  });
  const client = rpc.client(OrderService);
  return {
    put: client.putItem,
    get: client.getItem,
    async close() {
      rpc.close();
      await tracing.shutdown();
    },
    run: (work) => (kind === 'traced' ? withSpan('load', {}, work) : work()),
  };
}

const client = await (kind === 'bare' ? bare() : ours());
await client.put({ item: { id: 'tea', quantity: 2 } });
const send = (count) =>
  client.run(async () => {
    let left = count;
    const work = async () => {
      while (left-- > 0) if ((await client.get({ id: 'tea' })).item?.quantity !== 2) throw new Error('another answer');
    };
    await Promise.all(Array.from({ length: 16 }, work));
  });
const used = () => Object.values(process.cpuUsage()).reduce((sum, part) => sum + part);
await send(Number(calls) / 3);
process.send('warm');
await new Promise((resolve) => process.once('message', resolve));
const before = used();
await send(Number(calls));
process.send((used() - before) / Number(calls));
await client.close();
process.disconnect();
