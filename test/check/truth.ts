import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { checkCluster } from '../../src/check/check-cluster.ts';
import { checks } from '../../src/check/checks/index.ts';
import { type Applied, apply } from '../cluster/apply.ts';
import { settle } from '../cluster/settle.ts';
import { startCluster } from '../cluster/start.ts';
import { testPorts } from './support/ports.ts';
import { type Score, score, type Truth } from './support/score.ts';

/**
 * `npm run truth -- FOLDER… [--add FOLDER]… [--verbose]`: applies each system (`manifests/` beside a `truth.json`) alone
 * to a real control plane, judges it, and compares cell by cell with what an engineer said. `--add` applies more before
 * each: definitions, a platform. Exit 1 where a target is missed, with the targets that are.
 */
const usage = 'Usage: npm run truth -- FOLDER… [--add FOLDER]… [--verbose]\n';

function parsed() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { add: { type: 'string', multiple: true, default: [] }, verbose: { type: 'boolean', default: false } },
    });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}`);
    process.exit(2);
  }
}

const { values, positionals } = parsed();
const tell = (line: string): void => void process.stdout.write(`${line}\n`);
const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`;

if (positionals.length === 0) {
  process.stderr.write(usage);
  process.exit(2);
}
const without = positionals.filter((folder) => !existsSync(join(folder, 'truth.json')));
if (without.length > 0) {
  tell(`There is no truth.json in ${without.join(', ')}`);
  process.exit(2);
}
const cluster = await startCluster((line) => void process.stderr.write(`${line}\n`));
if ('missing' in cluster) {
  tell(`No cluster on this machine: ${cluster.missing}`);
  process.exit(3);
}

async function judge(folder: string, kubeconfig: string): Promise<Score> {
  const truth = JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8')) as Truth;
  const applied: Applied[] = [];
  try {
    // What others are made of comes first: a definition, then what it defines.
    for (const source of [...values.add, join(folder, 'manifests')]) applied.push(await apply(api, source));
    await settle(api);
    const inputs = { cluster: { kubeconfig, namespaces: 'all' as const }, checks, waivers: [] };
    return score(truth, await checkCluster(inputs, testPorts()));
  } finally {
    for (const each of applied.reverse()) await each.wipe();
  }
}

function print(result: Score): void {
  const { system, cells, exact, accepted, wrong, falsePasses, unknown, strangers } = result;
  tell(
    `${system}: ${cells.length} cells, exact ${percent(exact, cells.length)}, exact or accepted ${percent(exact + accepted, cells.length)}, ` +
      `wrong ${wrong.length} (false pass ${falsePasses.length}), unknown ${percent(unknown, cells.length)}` +
      (strangers.length > 0 ? `, judged although not a service: ${strangers.join(', ')}` : ''),
  );
  for (const { service, item, want, got, reason, message, why } of values.verbose
    ? wrong
    : wrong.filter((cell) => falsePasses.includes(cell)))
    tell(`  ${service} ${item}: said ${got ?? 'nothing'} (${reason}: ${message}), want ${want.join(' or ')}: ${why}`);
}

const { api, kubeconfig } = cluster;
const missed: string[] = [];
try {
  const scores: Score[] = [];
  for (const folder of positionals) {
    const result = await judge(folder, kubeconfig);
    print(result);
    scores.push(result);
  }
  const sum = (pick: (one: Score) => number): number => scores.reduce((total, one) => total + pick(one), 0);
  const cells = sum((one) => one.cells.length);
  const agreed = sum((one) => one.exact + one.accepted);
  tell(
    `together: ${cells} cells, exact or accepted ${percent(agreed, cells)}, unknown ${percent(
      sum((one) => one.unknown),
      cells,
    )}`,
  );
  const aim = (isMet: boolean, what: string): void => {
    if (!isMet) missed.push(what);
  };
  aim(agreed >= 0.95 * cells, `together ${percent(agreed, cells)} exact or accepted, under 95 %`);
  const unknown = sum((one) => one.unknown);
  aim(unknown <= 0.35 * cells, `together ${percent(unknown, cells)} unknown, over 35 %`);
  for (const { system, exact, accepted, cells, falsePasses, strangers } of scores) {
    const own = percent(exact + accepted, cells.length);
    aim(exact + accepted >= 0.9 * cells.length, `${system}: ${own} exact or accepted, under 90 %`);
    aim(falsePasses.length === 0, `${system}: ${falsePasses.length} false pass`);
    aim(strangers.length === 0, `${system}: judged although no service: ${strangers.join(', ')}`);
  }
} finally {
  await cluster.stop();
}
for (const what of missed) tell(`missed: ${what}`);
process.exit(missed.length > 0 ? 1 : 0);
