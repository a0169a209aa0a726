import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Api, api } from '../cluster/api.ts';
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts';
import { controlPlaneBinaries } from '../cluster/control-plane-binaries.ts';
import { atMost, type Bench, median, type Row } from './bench.ts';
import { fill } from './synthetic-cluster.ts';
import { type Command, ratios, timeInTurn } from './time-commands.ts';

const root = new URL('../..', import.meta.url).pathname;
const rounds = 7;

/** Written by a process as it ends: its peak resident memory in kilobytes. */
const reportPeak = `
import { writeFileSync } from 'node:fs';
process.on('exit', () => writeFileSync(process.env.MSVC_BENCH_PEAK, String(process.resourceUsage().maxRSS)));
`;

export const bench: Bench = {
  id: 'check-cluster',
  title: 'Checking a cluster',
  how: 'Whole processes against a real API server, beside a process that only fetches and parses the same lists in parallel; medians of the ratios of each round.',
  async run(tell) {
    const binaries = await controlPlaneBinaries(process.env, tell);
    if ('missing' in binaries) throw new Error(binaries.missing);
    const plane = await startControlPlane(binaries.folder, { controllers: false });
    const cluster = api(plane.access);
    try {
      return await measure(plane, cluster, tell);
    } finally {
      cluster.close();
      await plane.stop();
    }
  },
};

async function measure(plane: ControlPlane, cluster: Api, tell: (line: string) => void): Promise<Row[]> {
  const ca = join(plane.folder, 'certificates/apiserver.crt');
  const ours: Command = {
    file: process.execPath,
    args: [join(root, 'bin/msvc.js'), 'check-cluster', '-A', '-o', 'json', '--fail-on', 'never'],
    env: { ...process.env, KUBECONFIG: plane.kubeconfig, NO_COLOR: '1' },
  };
  const bare: Command = {
    file: process.execPath,
    args: [join(root, 'test/bench/bare-fetch.mjs'), plane.access.server, plane.access.token],
    env: { ...process.env, NODE_EXTRA_CA_CERTS: ca },
  };

  tell('writing 1,000 services with 3,000 pods');
  const small = await fill(cluster, { services: 1000, pods: 3000 });
  tell(`reading ${small} objects, ${rounds} rounds`);
  const [mine = [], theirs = []] = timeInTurn([ours, bare], rounds);
  const smallPeak = peak(ours, plane.folder);

  tell('writing 2,333 services with 7,000 pods more');
  const more = await fill(cluster, { services: 2333, pods: 7000 }, 1000);
  tell(`reading ${small + more} objects, ${rounds} rounds`);
  const [large = []] = timeInTurn([ours], rounds);
  const largePeak = peak(ours, plane.folder);

  const growth = median(large) / median(mine) / ((small + more) / small);
  return [
    atMost(
      '1,000 services, 3,000 pods: `msvc check-cluster -A`, against fetching and parsing the same lists',
      1.6,
      ratios(mine, theirs),
    ),
    { what: 'for scale: fetching and parsing alone here', result: `${median(theirs).toFixed(0)} ms` },
    atMostMegabytes('its peak memory', 200, smallPeak),
    atMostMegabytes('peak memory at 10,000 pods', 300, largePeak),
    // A little above 1 would still be linear: caches of the processor are not.
    {
      what: 'time at 10,000 pods, per object, against 3,000',
      result: `${growth.toFixed(2)} ×`,
      target: '≤ 1.15 ×',
      met: growth <= 1.15,
    },
  ];
}

function peak(command: Command, folder: string): number {
  const file = join(folder, 'peak');
  const hook = join(folder, 'report-peak.mjs');
  writeFileSync(hook, reportPeak);
  const NODE_OPTIONS = `--import=${pathToFileURL(hook).href}`;
  execFileSync(command.file, command.args, {
    env: { ...command.env, NODE_OPTIONS, MSVC_BENCH_PEAK: file },
    stdio: ['ignore', 'ignore', 'inherit'],
    maxBuffer: Number.POSITIVE_INFINITY,
  });
  const kilobytes = Number(readFileSync(file, 'utf8'));
  rmSync(file);
  return kilobytes / 1024;
}

const atMostMegabytes = (what: string, limit: number, megabytes: number): Row => ({
  what,
  result: `${megabytes.toFixed(0)} MB`,
  target: `≤ ${limit} MB`,
  met: megabytes <= limit,
});
