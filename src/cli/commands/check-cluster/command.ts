import { UserError } from '../../../errors.ts';
import type { Ports } from '../../../ports.ts';
import { type CommandResult, defineCommand } from '../../command.ts';
import { judged, judgingOptions, outputOption } from './judging-options.ts';
import { contextNames, namespaceNames } from './offers.ts';

const source = 'Where it is read';
const shown = outputOption.group;
const asked = 'What running pods are asked';

export default defineCommand({
  name: 'check-cluster',
  summary: 'Judge the services of a Kubernetes cluster by the nine items, with evidence',
  group: 'Check what runs',
  options: {
    namespace: {
      value: 'a,b',
      list: true,
      short: 'n',
      summary: 'Services of these namespaces; else of the context’s',
      group: judged,
      offers: namespaceNames,
    },
    allNamespaces: { short: 'A', summary: 'Services of all namespaces but the system’s', group: judged },
    ...judgingOptions,
    context: {
      value: 'a,b',
      list: true,
      summary: 'Contexts of the kubeconfig, one after another; else the current one',
      group: source,
      offers: contextNames,
    },
    kubeconfig: {
      value: 'file',
      summary: 'Kubeconfig; else KUBECONFIG or ~/.kube/config',
      group: source,
      offers: 'files',
    },
    from: {
      value: 'folder',
      summary: 'A recording or YAML instead of a cluster; - reads standard input',
      group: source,
      offers: 'folders',
    },
    keepGoing: { summary: 'With --from: tell of broken files and judge the others', group: source },
    demo: { summary: 'Judge the example system that ships with msvc: no cluster needed', group: source },
    record: {
      value: 'folder',
      summary: 'Keep what was read, redacted, for --from',
      group: source,
      offers: 'folders',
    },
    probe: {
      summary: 'Ask one pod of each service by GET: its probes, metrics, contract, and a path that exists nowhere',
      group: asked,
    },
    sampleLogs: {
      summary: 'Count what the last 50 lines of one pod’s log hold: is it JSON, are ids in it',
      group: asked,
    },
    dryRun: { summary: 'With these: print every request, and send none', group: asked },
    canI: { summary: 'Only say what may not be read, and which checks suffer', group: source },
    printRbac: {
      value: 'tier',
      optional: true,
      summary: 'Only print the least role: namespaced or cluster; with --probe, --sample-logs their rights too',
      group: source,
      offers: ['namespaced', 'cluster'],
    },
    printCronjob: {
      value: 'image',
      summary: 'Only print a CronJob that runs this image, with the least role; -n and -A as for a run',
      group: source,
    },
    printSchema: { summary: 'Only print the JSON Schema of -o json', group: shown },
    output: outputOption,
  },
  examples: [
    ['msvc check-cluster --demo', 'a first look, without a cluster'],
    ['msvc check-cluster', 'the context’s namespace'],
    ['msvc check-cluster -A -o terminal -o json=report.json', 'the whole cluster, for people and programs'],
    ['msvc check-cluster -n shop --fail-on warn --min-coverage 60', 'in a pipeline'],
    ['msvc check-cluster --probe --sample-logs --dry-run', 'what would be asked of running pods'],
    ['msvc check-cluster -A --context eu,us -o markdown=report.md', 'two clusters, a section each'],
    ['msvc check-cluster --from - < rendered.yaml', 'what would be applied'],
    ['msvc check-cluster -A --record ./snapshot', 'keep it, to judge again offline with --from ./snapshot'],
  ],
  wantsJson: ({ output }) => Array.isArray(output) && output.includes('json'),
  async run(flags, ports) {
    const { printCronJobOf, printRbac, printRights } = await import('./rights.ts');
    if (flags.printRbac !== undefined) return printRbac(flags.printRbac, flags);
    if (flags.printCronjob !== undefined) return printCronJobOf(flags.printCronjob, flags, ports);
    if (flags.printSchema) return printSchema();
    const { shareOf } = await import('./share.ts');
    const minCoverage = shareOf(flags.minCoverage);
    const { compileLate } = await import('./late-compilation.ts');
    compileLate();
    const [
      { checkInputs },
      { parseOutputs, writeOutputs },
      { toldOf },
      { refuseWithoutBaseline, withBaseline },
      { checkCluster },
      { exitCode },
    ] = await Promise.all([
      import('./inputs.ts'),
      import('./outputs.ts'),
      import('./told.ts'),
      import('./baselines.ts'),
      import('../../../check/check-cluster.ts'),
      import('../../../check/findings/exit-code.ts'),
    ]);
    const outputs = parseOutputs(flags.output);
    const inputs = checkInputs(flags, ports);
    const contexts = [...new Set(flags.context)];
    if (contexts.length > 1) {
      const { judgeContexts } = await import('./contexts.ts');
      return judgeContexts({ contexts, flags, inputs, outputs, minCoverage }, ports);
    }
    if (flags.canI) return printRights(inputs, ports);
    if (flags.dryRun) return (await import('./dry-run.ts')).printRequests(inputs, ports);
    const text = flags.from === '-' ? await standardInput(ports) : undefined;
    refuseWithoutBaseline(flags);
    const judgedRun = await checkCluster({ ...inputs, ...(text === undefined ? {} : { text }) }, ports);
    ports.progress.done();
    const [run = judgedRun] = withBaseline([judgedRun], flags, ports);
    const failOn = flags.failOn ?? 'fail';
    const { failOnNew } = flags;
    const code = exitCode(run, failOn, minCoverage, failOnNew);
    const output = await writeOutputs(outputs, run, { failOn, failOnNew }, ports);
    for (const line of toldOf(run, { outputs, failOn, failOnNew, minCoverage, code })) ports.stderr.write(`${line}\n`);
    return { output, exitCode: code };
  },
});

async function printSchema(): Promise<CommandResult> {
  const { default: schema } = await import('../../../check/report/report.schema.json', { with: { type: 'json' } });
  return { output: `${JSON.stringify(schema, null, 2)}\n`, exitCode: 0 };
}

async function standardInput({ input }: Ports): Promise<string> {
  if (input) return input();
  throw new UserError({
    code: 'NO_INPUT',
    what: 'Nothing comes in through standard input',
    why: '--from - reads manifests from it, and it is this terminal.',
    fix: 'Pipe them in: kubectl kustomize deploy | msvc check-cluster --from -',
  });
}
