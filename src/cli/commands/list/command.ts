import { defineCommand } from '../../command.ts';
import { type Row, twoColumns } from '../../command-line/two-columns.ts';
import { presets } from '../../templates/manifests.ts';
import { offeredFeatures } from '../../templates/offered-features.ts';

export default defineCommand({
  name: 'list',
  summary: 'Show the features and templates that there are',
  group: 'Extend a service',
  options: { json: { summary: 'One JSON document, for programs' } },
  examples: [['msvc list', 'what can be added']],
  async run({ json }, ports) {
    const features = offeredFeatures.map(({ id, title, summary, selectable, requires, instances }) => ({
      id,
      title,
      summary,
      requires: requires.filter((other) => offeredFeatures.some((feature) => feature.id === other)),
      add: instances ? `msvc ${instances.command ?? `add-${instances.noun} <name>`}` : `msvc add-feature ${id}`,
      selectable,
    }));
    if (json)
      return { output: `${JSON.stringify({ schema: 'msvc.features/1', features, presets }, null, 2)}\n`, exitCode: 0 };
    const width = Math.max(...[...features, ...presets].map(({ id }) => id.length));
    const columns = (rows: readonly Row[]): string => twoColumns(rows, width, ports.stdout.columns).join('\n');
    const featureRows = features.map(({ id, summary, requires, add }): Row => {
      const needs = requires.length > 0 ? ` (brings ${requires.join(', ')})` : '';
      return [id, `${summary}${needs}\n${add}`];
    });
    const presetRows = presets.map(({ id, title, features: ids }): Row => {
      return [id, `${title}: ${ids.length > 0 ? ids.join(', ') : 'nothing but the base'}`];
    });
    const output = `Features\n${columns(featureRows)}\n\nTemplates (msvc new --template)\n${columns(presetRows)}\n`;
    return { output, exitCode: 0 };
  },
});
