import { UserError } from '../../../errors.ts';
import { defineCommand } from '../../command.ts';

const what = 'What is judged';
const source = 'Where it is read';
const shown = 'How it is shown';

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
      group: what,
    },
    allNamespaces: { short: 'A', summary: 'Services of all namespaces but the system’s', group: what },
    selector: { value: 'labels', short: 'l', summary: 'Only Services or workloads with these labels', group: what },
    only: { value: 'checks', list: true, summary: 'Only these checks', group: what },
    skip: { value: 'checks', list: true, summary: 'Not these checks', group: what },
    failOn: {
      value: 'level',
      choices: ['fail', 'warn', 'never'],
      summary: 'Exit 1 for findings from this level on; fail unless said',
      group: what,
    },
    minCoverage: { value: 'percent', summary: 'Exit 3 where less could be decided; 0 unless said', group: what },
    context: { value: 'name', summary: 'Context of the kubeconfig', group: source },
    kubeconfig: { value: 'file', summary: 'Kubeconfig; else KUBECONFIG or ~/.kube/config', group: source },
    from: { value: 'folder', summary: 'A recording or a folder of YAML instead of a cluster', group: source },
    demo: { summary: 'Judge the example system that ships with msvc: no cluster needed', group: source },
    record: { value: 'folder', summary: 'Keep what was read, redacted, for --from', group: source },
    canI: { summary: 'Only say what may not be read, and which checks suffer', group: source },
    printRbac: {
      value: 'tier',
      optional: true,
      summary: 'Only print the least role: namespaced, cluster or probe',
      group: source,
    },
    output: {
      value: 'format',
      repeat: true,
      short: 'o',
      summary: 'terminal, json or markdown, with =path into a file; may be repeated',
      group: shown,
    },
  },
  examples: [
    ['msvc check-cluster --demo', 'a first look, without a cluster'],
    ['msvc check-cluster', 'the context’s namespace'],
    ['msvc check-cluster -A -o terminal -o json=report.json', 'the whole cluster, for people and programs'],
    ['msvc check-cluster -n shop --fail-on warn --min-coverage 60', 'in a pipeline'],
    ['msvc check-cluster -A --record ./snapshot', 'keep it, to judge again offline with --from ./snapshot'],
  ],
  wantsJson: ({ output }) => Array.isArray(output) && output.includes('json'),
  async run(flags, ports) {
    const { printRbac, printRights } = await import('./rights.ts');
    if (flags.printRbac !== undefined) return printRbac(flags.printRbac);
    const minCoverage = percentOf(flags.minCoverage);
    const { compileLate } = await import('./late-compilation.ts');
    compileLate();
    const [{ checkInputs }, { parseOutputs, writeOutputs }, { checkCluster }, { exitCode }] = await Promise.all([
      import('./inputs.ts'),
      import('./outputs.ts'),
      import('../../../check/check-cluster.ts'),
      import('../../../check/findings/exit-code.ts'),
    ]);
    const outputs = parseOutputs(flags.output);
    const inputs = checkInputs(flags, ports);
    if (flags.canI) return printRights(inputs, ports);
    const run = await checkCluster(inputs, ports);
    ports.progress.done();
    return { output: writeOutputs(outputs, run, ports), exitCode: exitCode(run, flags.failOn ?? 'fail', minCoverage) };
  },
});

function percentOf(given: string | undefined): number {
  const number = given === undefined ? 0 : Number(given);
  if (given?.trim() === '' || !(number >= 0 && number <= 100))
    throw new UserError({
      code: 'MIN_COVERAGE',
      what: `"${given}" is no share`,
      why: '--min-coverage is a number of percent.',
      fix: 'Give one from 0 to 100.',
    });
  return number;
}
