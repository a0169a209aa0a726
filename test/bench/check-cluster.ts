import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { api } from '../cluster/api.ts';
import { type ControlPlane, startControlPlane } from '../cluster/control-plane.ts';
import { controlPlaneBinaries } from '../cluster/control-plane-binaries.ts';
import { atMost, type Bench, median, type Row } from './bench.ts';
import { specimen } from './specimen.ts';
import { fill, makeNamespaces, type Size } from './synthetic-cluster.ts';
import { type Command, ratios, timeCommand, timeInTurn } from './time-commands.ts';

const root = new URL('../..', import.meta.url).pathname;
const rounds = 7;
const small: Size = { services: 1000, pods: 3000 };
const large: Size = { services: 3333, pods: 10_000 };

export const bench: Bench = {
  id: 'check-cluster',
  title: 'Checking a cluster',
  subject: 'tool',
  how: 'Whole processes against a real API server on the same machine, filled with copies of a service that it stored; beside a process that only fetches and parses the same lists in parallel; medians of the ratios of each round.',
  async run(tell) {
    const binaries = await controlPlaneBinaries(process.env, tell);
    if ('missing' in binaries) throw new Error(binaries.missing);
    tell('starting etcd and the API server');
    const plane = await startControlPlane(binaries.folder, { controllers: false });
    const cluster = api(plane.access);
    try {
      const one = await specimen(cluster);
      await makeNamespaces(cluster);
      const place = { cluster, etcd: plane.etcd };
      tell(`writing ${sizeOf(small)}`);
      let objects = await fill(place, one, small);
      const few = measure(plane, objects, tell);
      const popeye = measurePopeye(plane, tell);
      tell(`writing more, until there are ${sizeOf(large)}`);
      objects += await fill(place, one, large, small);
      return rowsOf(few, measure(plane, objects, tell), popeye);
    } finally {
      cluster.close();
      await plane.stop();
    }
  },
};

const sizeOf = ({ services, pods }: Size): string =>
  `${services.toLocaleString('en')} services with ${pods.toLocaleString('en')} pods`;

interface Measured {
  objects: number;
  /** Milliseconds, by round. */
  mine: number[];
  theirs: number[];
  /** Megabytes of the process, the largest of three. */
  peak: number;
  barePeak: number;
}

function measure(plane: ControlPlane, objects: number, tell: (line: string) => void): Measured {
  const ours: Command = {
    file: process.execPath,
    args: [join(root, 'bin/msvc.js'), 'check-cluster', '-A', '-o', 'json', '--fail-on', 'never'],
    env: { ...process.env, KUBECONFIG: plane.kubeconfig, NO_COLOR: '1' },
  };
  const bare: Command = {
    file: process.execPath,
    args: [join(root, 'test/bench/bare-fetch.mjs'), plane.access.server, plane.access.token],
    env: { ...process.env, NODE_EXTRA_CA_CERTS: join(plane.folder, 'certificates/apiserver.crt') },
  };
  tell(`reading them, ${rounds} rounds`);
  const [mine = [], theirs = []] = timeInTurn([ours, bare], rounds);
  tell(`ours ${median(mine).toFixed(0)} ms, bare ${median(theirs).toFixed(0)} ms; memory`);
  return { objects, mine, theirs, peak: peak(ours, plane.folder), barePeak: peak(bare, plane.folder) };
}

function rowsOf(few: Measured, many: Measured, popeye: Row[]): Row[] {
  const growth = median(many.mine) / median(few.mine) / (many.objects / few.objects);
  return [
    atMost(
      `${sizeOf(small)}: \`msvc check-cluster -A\`, against fetching and parsing the same lists`,
      1.6,
      ratios(few.mine, few.theirs),
    ),
    {
      what: 'for scale: both here',
      result: `${median(few.mine).toFixed(0)} ms and ${median(few.theirs).toFixed(0)} ms`,
    },
    atMostMegabytes('its peak memory', 200, few.peak),
    { what: 'for scale: peak memory of fetching and parsing alone', result: `${few.barePeak.toFixed(0)} MB` },
    atMostMegabytes(`peak memory with ${sizeOf(large)}`, 300, many.peak),
    // A little above 1 would still be linear: caches of the processor are not.
    {
      what: 'time then, per object, against the smaller cluster',
      result: `${growth.toFixed(2)} ×`,
      target: '≤ 1.15 ×',
      met: growth <= 1.15,
    },
    {
      what: 'time then, against fetching and parsing',
      result: `${median(ratios(many.mine, many.theirs)).toFixed(2)} ×`,
    },
    ...popeye,
  ];
}

/** The best known checker of whole clusters, for scale, where this machine has it. */
function measurePopeye(plane: ControlPlane, tell: (line: string) => void): Row[] {
  const file = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'popeye'))
    .find((path) => existsSync(path));
  if (!file) return [];
  tell('popeye, once');
  const args = ['--kubeconfig', plane.kubeconfig, '-A', '-o', 'json', '--force-exit-zero'];
  return [{ what: 'popeye on the smaller cluster', result: `${(timeCommand({ file, args }) / 1000).toFixed(1)} s` }];
}

/** Written by a process as it ends. Not `maxRSS`: across `exec` Linux counts into it what the parent had. */
const reportPeak = `
import { readFileSync, writeFileSync } from 'node:fs';
const kilobytes = () => {
  try {
    return /VmHWM:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1];
  } catch {
    return process.resourceUsage().maxRSS;
  }
};
process.on('exit', () => writeFileSync(process.env.MSVC_BENCH_PEAK, String(kilobytes())));
`;

/** Megabytes: the largest of three runs, because the collector of garbage has moods. */
function peak(command: Command, folder: string): number {
  const file = join(folder, 'peak');
  const hook = join(folder, 'report-peak.mjs');
  writeFileSync(hook, reportPeak);
  const env = { ...command.env, NODE_OPTIONS: `--import=${pathToFileURL(hook).href}`, MSVC_BENCH_PEAK: file };
  const runs = Array.from({ length: 3 }, () => {
    execFileSync(command.file, command.args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    const kilobytes = Number(readFileSync(file, 'utf8'));
    rmSync(file);
    return kilobytes / 1024;
  });
  return Math.max(...runs);
}

const atMostMegabytes = (what: string, limit: number, megabytes: number): Row => ({
  what,
  result: `${megabytes.toFixed(0)} MB`,
  target: `≤ ${limit} MB`,
  met: megabytes <= limit,
});
