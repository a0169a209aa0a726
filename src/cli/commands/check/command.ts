import { defineCommand } from '../../command.ts';
import { judged, judgingOptions, outputOption } from '../check-cluster/judging-options.ts';

const rendering = 'How it is rendered';

export default defineCommand({
  name: 'check',
  summary: 'Judge the manifests of a repository, before they are applied',
  group: 'Check what runs',
  arguments: { path: { summary: 'Folder to look in; this one unless said', offers: 'folders' } },
  options: {
    ...judgingOptions,
    with: {
      value: 'recording',
      summary: 'Put a recorded platform around it: msvc check-cluster -A --record',
      group: judged,
      offers: 'folders',
    },
    namespace: { value: 'name', short: 'n', summary: 'Where objects go that name no namespace', group: rendering },
    values: {
      value: 'file',
      repeat: true,
      summary: 'Values for Helm charts; may be repeated, the last wins',
      group: rendering,
      offers: 'files',
    },
    render: { off: true, summary: 'Plain manifests only: run neither kustomize, kubectl nor helm', group: rendering },
    renderTimeout: {
      value: 'seconds',
      summary: 'Longest that one rendering may take; 60 unless said',
      group: rendering,
    },
    output: outputOption,
  },
  examples: [
    ['msvc check', 'every overlay, chart and manifest below this folder'],
    ['msvc check deploy --with ./snapshot', 'with what was recorded of the cluster around it'],
    ['msvc check charts/shop --values production.yaml', 'a chart, with values'],
    ['msvc check -o github -o markdown=report.md', 'in a workflow: annotations at file and line'],
  ],
  wantsJson: ({ output }) => Array.isArray(output) && output.includes('json'),
  async run(flags, ports) {
    const { judgeRepository } = await import('./judge.ts');
    return judgeRepository(flags, ports);
  },
});
