import { checks } from '../check/checks/index.ts';
import { commands } from '../cli/commands/index.ts';
import { offeredFeatures } from '../cli/templates/offered-features.ts';
import { exitCodes } from '../errors.ts';

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [
    `| ${head.join(' | ')} |`,
    `|${head.map(() => '---').join('|')}|`,
    ...rows.map((row) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`),
  ].join('\n');

export const commandsTable = (): string =>
  table(
    ['command', ''],
    commands.map(({ name, arguments: names, summary }) => {
      const words = Object.entries(names).map(([word, { required }]) => (required ? `<${word}>` : `[${word}]`));
      return [`\`msvc ${[name, ...words].join(' ')}\``, summary];
    }),
  );

export const featuresTable = (): string =>
  table(
    ['feature', 'what it brings', 'how'],
    offeredFeatures.map(({ id, title, summary, instances }) => [
      title,
      summary,
      instances
        ? `\`msvc ${instances.command ?? `add-${instances.noun} <name>`}\``
        : `\`--with ${id}\`, \`msvc add-feature ${id}\``,
    ]),
  );

export const checksTable = (): string =>
  table(
    ['item of the checklist', 'check', 'why it matters'],
    checks.filter(({ kind }) => !kind).map(({ id, item, docs }) => [item, `\`${id}\``, docs.why]),
  );

export const exitCodesTable = (): string =>
  table(
    ['code', 'means'],
    Object.entries(exitCodes).map(([code, meaning]) => [code, meaning]),
  );
