// Copied into the scripts/ of a generated service, and run there: prints one JSON line of calls that were lost.
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { create } from '@bufbuild/protobuf';
import grpc from '@grpc/grpc-js';
import { GetItemRequestSchema, OrderService } from '../src/generated/order_service/v1/order_service_pb.ts';
import { KeptList } from '../src/platform/discovery/kept-list.ts';
import { definitionOf } from '../src/platform/rpc/definition.ts';
import { offerList } from '../src/platform/rpc-client/list-resolver.ts';
import { RpcCaller } from '../src/platform/rpc-client/rpc-caller.ts';
import { rpcClientSettings } from '../src/platform/rpc-client/settings.ts';
import { startUpstream as launch, stopAll } from './churn-upstreams.mjs';

const churnMs = Number(process.argv[2] ?? 6_000);
const only = process.argv[3];
const lanes = 16;
const settings = rpcClientSettings('PEER', { url: 'grpc://peer:1' })({});

async function startUpstream(env) {
  const upstream = fileURLToPath(new URL('rpc-upstream.mjs', import.meta.url));
  const { child, first } = await launch(['--import', 'tsx', upstream], env);
  return { child, port: Number(first) };
}

const contestants = {
  /** The generated client over a list, which can be told that one has left. */
  ours(ports, retries) {
    let listener;
    const origins = ports.map((port) => `http://127.0.0.1:${port}`);
    const source = {
      watch(given) {
        listener = given;
        listener.found(origins);
        return () => {};
      },
      refresh() {},
    };
    const list = new KeptList(source);
    const { name } = offerList({ service: 'peer', list, refresh() {}, authority: 'peer' });
    const observer = { circuitChanged() {}, retrying() {}, finished() {} };
    const target = { name, isSecure: false };
    const rpc = new RpcCaller({ service: 'peer', settings: { ...settings, target, retries }, observer });
    const client = rpc.client(OrderService);
    return {
      call: () => client.getItem({ id: 'tea' }),
      remove: () => listener.found(origins.slice(1)),
      close: () => rpc.close(),
    };
  },
  /** What grpc-js can do by itself: round robin over addresses, its own retries, and the same deadline. */
  theirs(ports, retries) {
    const { getItem } = definitionOf(OrderService);
    const retryPolicy = {
      maxAttempts: retries + 1,
      initialBackoff: '0.05s',
      maxBackoff: '1s',
      backoffMultiplier: 2,
      retryableStatusCodes: ['UNAVAILABLE'],
    };
    const config = {
      loadBalancingConfig: [{ round_robin: {} }],
      methodConfig: retries > 0 ? [{ name: [{}], retryPolicy }] : [],
    };
    const client = new grpc.Client(
      `ipv4:${ports.map((port) => `127.0.0.1:${port}`).join(',')}`,
      grpc.credentials.createInsecure(),
      { 'grpc.service_config': JSON.stringify(config), 'grpc.service_config_disable_resolution': 1 },
    );
    const { path, requestSerialize, responseDeserialize } = getItem;
    const message = create(GetItemRequestSchema, { id: 'tea' });
    return {
      call: () =>
        new Promise((resolve, reject) => {
          const options = { deadline: Date.now() + settings.deadlineMs };
          client.makeUnaryRequest(path, requestSerialize, responseDeserialize, message, options, (error, answer) =>
            error ? reject(error) : resolve(answer),
          );
        }),
      remove() {},
      close: () => client.close(),
    };
  },
};

/** Calls for some seconds while something happens to the first of three. @returns how many were lost, and of how many. */
async function churn(contestant, { retries, failing = false, event, pauseMs = 5 }) {
  const env = failing ? { FAILING: '1' } : {};
  const upstreams = await Promise.all([startUpstream(env), startUpstream(), startUpstream()]);
  const { call, remove, close } = contestants[contestant](
    upstreams.map(({ port }) => port),
    retries,
  );
  const result = { lost: 0, of: 0 };
  const why = {};
  let isOver = false;
  const lane = async () => {
    while (!isOver) {
      result.of += 1;
      await call().catch((error) => {
        result.lost += 1;
        why[error.message] = (why[error.message] ?? 0) + 1;
      });
      // As many as a service makes, not as many as can be.
      await wait(pauseMs);
    }
  };
  const all = Array.from({ length: lanes }, lane);
  await wait(churnMs / 6);
  await event?.(upstreams[0].child, remove);
  await wait(churnMs);
  isOver = true;
  await Promise.all(all);
  close();
  await stopAll(upstreams);
  if (result.lost > 0) console.error(`${contestant}: ${JSON.stringify(why)}`);
  return result;
}

const late = async (child, remove) => {
  child.kill('SIGKILL');
  await wait(3_000);
  remove();
};
const scenarios = {
  graceful: {
    retries: 0,
    event: (child, remove) => {
      remove();
      child.kill('SIGTERM');
    },
  },
  killed: { retries: 0, event: late },
  killedRetried: { retries: 2, event: late },
  failing: { retries: 2, failing: true },
  frozen: { retries: 2, event: (child) => child.kill('SIGSTOP') },
};

const lost = {};
for (const [name, scenario] of Object.entries(scenarios)) {
  if (only !== undefined && only !== name) continue;
  lost[name] = {};
  for (const contestant of Object.keys(contestants)) lost[name][contestant] = await churn(contestant, scenario);
}
console.log(JSON.stringify(lost));
process.exit(0);
