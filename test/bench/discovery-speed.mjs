// Copied into the scripts/ of a generated service, and run there: prints one JSON line of figures.
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BalancedPool, request } from 'undici';
import { Balancer } from '../src/platform/discovery/balancer.ts';
import { HttpClient } from '../src/platform/http-client/http-client.ts';
import { agentOptions, openAgent } from '../src/platform/http-client/open-agent.ts';
import { clientSettings } from '../src/platform/http-client/settings.ts';
import { startUpstream as launch, stopAll } from './churn-upstreams.mjs';

const calls = Number(process.argv[2] ?? 6_000);
const rounds = Number(process.argv[3] ?? 9);
const churnMs = Number(process.argv[4] ?? 6_000);
const lanes = 16;
const settings = (retries) => ({ ...clientSettings('PEER', { url: 'http://peer' })({}), retries });

async function startUpstream(env) {
  const { child, first } = await launch([fileURLToPath(new URL('discovery-upstream.mjs', import.meta.url))], env);
  return { child, url: first };
}

async function startThree(failing = false) {
  return [await startUpstream(failing ? { FAILING: '1' } : {}), await startUpstream(), await startUpstream()];
}

/** Both can be told that one has left. */
const contestants = {
  ours(urls) {
    let listener;
    const source = {
      watch(given) {
        listener = given;
        listener.found(urls);
        return () => {};
      },
      refresh() {},
    };
    const { attemptMs } = settings(0);
    const agent = { ...agentOptions(settings(0)), connect: { timeout: Math.min(1_000, attemptMs / 2) } };
    const dispatcher = new Balancer({ service: 'peer', source, agent });
    return { dispatcher, remove: (url) => listener.found(urls.filter((other) => other !== url)) };
  },
  theirs(urls) {
    const dispatcher = new BalancedPool(urls, agentOptions(settings(0)));
    return { dispatcher, remove: (url) => dispatcher.removeUpstream(url) };
  },
};

/** @returns microseconds of this process's processor a call. */
async function costOf(call) {
  let left = calls;
  const lane = async () => {
    while (left-- > 0) await call();
  };
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: lanes }, lane));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

async function measureCost() {
  const upstreams = await startThree();
  const urls = upstreams.map(({ url }) => url);
  const dispatchers = {
    one: { url: urls[0], dispatcher: openAgent(settings(0)) },
    ours: { url: 'http://peer', dispatcher: contestants.ours(urls).dispatcher },
    theirs: { url: urls[0], dispatcher: contestants.theirs(urls).dispatcher },
  };
  const observer = { circuitChanged() {}, retrying() {}, finished() {} };
  const ways = {};
  for (const [name, { url, dispatcher }] of Object.entries(dispatchers)) {
    ways[name] = async () => {
      const { body } = await request(`${url}/v1/things/1`, { dispatcher, headers: { accept: 'application/json' } });
      await body.text();
    };
    const client = new HttpClient({
      service: 'peer',
      settings: { ...settings(2), urls: [new URL(url)] },
      dispatcher,
      observer,
    });
    ways[`${name}Client`] = () => client.get('/v1/things/1');
  }
  const figures = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (const call of Object.values(ways)) await costOf(call);
  for (let round = 0; round < rounds; round += 1)
    for (const [name, call] of Object.entries(ways)) figures[name].push(await costOf(call));
  for (const { dispatcher } of Object.values(dispatchers)) await dispatcher.destroy();
  await stopAll(upstreams);
  return figures;
}

/** Calls for some seconds while something happens to the first of three. @returns how many were lost, and of how many. */
async function churn(contestant, { retries, failing = false, event }) {
  const upstreams = await startThree(failing);
  const urls = upstreams.map(({ url }) => url);
  const { dispatcher, remove } = contestants[contestant](urls);
  const observer = { circuitChanged() {}, retrying() {}, finished() {} };
  const client = new HttpClient({
    service: 'peer',
    settings: { ...settings(retries), urls: [new URL(urls[1])] },
    dispatcher,
    observer,
  });
  const result = { lost: 0, of: 0 };
  let isOver = false;
  const lane = async () => {
    while (!isOver) {
      result.of += 1;
      await client.get('/').catch(() => {
        result.lost += 1;
      });
      // As many as a service makes, not as many as can be.
      await wait(5);
    }
  };
  const all = Array.from({ length: lanes }, lane);
  await wait(churnMs / 6);
  await event?.(upstreams[0].child, () => remove(urls[0]));
  await wait(churnMs);
  isOver = true;
  await Promise.all(all);
  await dispatcher.destroy();
  await stopAll(upstreams);
  return result;
}

const late = async (child, remove) => {
  child.kill('SIGKILL');
  await wait(3_000);
  await remove();
};
const scenarios = {
  graceful: {
    retries: 0,
    event: async (child, remove) => {
      await remove();
      child.kill('SIGTERM');
    },
  },
  killed: { retries: 0, event: late },
  killedRetried: { retries: 2, event: late },
  failing: { retries: 2, failing: true },
  frozen: { retries: 2, event: async (child) => child.kill('SIGSTOP') },
};

const cost = await measureCost();
const lost = {};
for (const [name, scenario] of Object.entries(scenarios)) {
  lost[name] = {};
  for (const contestant of Object.keys(contestants)) lost[name][contestant] = await churn(contestant, scenario);
}
console.log(JSON.stringify({ cost, lost }));
process.exit(0);
