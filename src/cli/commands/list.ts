import { defineCommand } from '../command.ts';
import { manifests, presets } from '../templates.ts';

export default defineCommand({
  name: 'list',
  summary: 'Show the features and templates that there are',
  group: 'Extend a service',
  options: { json: { summary: 'One JSON document, for programs' } },
  examples: [['msvc list', 'what can be added']],
  async run({ json }) {
    const features = manifests.map(({ id, title, summary, selectable, requires, instances }) => ({
      id,
      title,
      summary,
      requires,
      add: instances ? `msvc add-${instances.noun} <name>` : `msvc add-feature ${id}`,
      selectable,
    }));
    if (json)
      return { output: `${JSON.stringify({ schema: 'msvc.features/1', features, presets }, null, 2)}\n`, exitCode: 0 };
    const width = Math.max(...features.map(({ id }) => id.length), ...presets.map(({ id }) => id.length));
    const feature = ({ id, summary, requires, add }: (typeof features)[number]): string => {
      const needs = requires.length > 0 ? `\n  ${' '.repeat(width)}  with ${requires.join(', ')}` : '';
      return `  ${id.padEnd(width)}  ${summary}${needs}\n  ${' '.repeat(width)}  ${add}`;
    };
    const preset = ({ id, title, features: ids }: (typeof presets)[number]): string =>
      `  ${id.padEnd(width)}  ${title}: ${ids.length > 0 ? ids.join(', ') : 'nothing but the base'}`;
    const output = `Features\n${features.map(feature).join('\n')}\n\nTemplates (msvc new --template)\n${presets.map(preset).join('\n')}\n`;
    return { output, exitCode: 0 };
  },
});
