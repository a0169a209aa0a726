import { checks } from '../../../check/checks/index.ts';
import { wrap } from '../../../wrap.ts';
import { twoColumns } from '../../command-line/two-columns.ts';
import { knownCheck } from '../check-cluster/inputs.ts';

const paragraph = (heading: string, text: string, columns: number): string =>
  [heading, ...wrap(text, columns - 2).map((line) => `  ${line}`)].join('\n');

/** @throws UserError (exit 2) for an id that is none */
export function explainCheck(id: string, columns: number): string {
  const { title, docs, reads, verdicts } = knownCheck(id);
  return `${[
    `${id}: ${title}`,
    paragraph('Why', docs.why, columns),
    paragraph('What it judges', docs.judges, columns),
    paragraph('When it can be wrong', docs.wrongWhen, columns),
    paragraph('What to do', docs.fix, columns),
    paragraph('Verdicts', verdicts.join(', '), columns),
    paragraph('Reads', [...reads.needs, ...reads.uses].join(', '), columns),
    paragraph(
      'To accept a finding',
      `Annotate the Service or workload with msvc.dev/ignore-${id}: "<why>", or list it in .msvc/check.yaml.`,
      columns,
    ),
  ].join('\n\n')}\n`;
}

export function listChecks(columns: number): string {
  const width = Math.max(...checks.map(({ id }) => id.length));
  const rows = checks.map(({ id, title }) => [id, title] as const);
  return `${twoColumns(rows, width, columns).join('\n')}\n\nmsvc explain <check> tells more of one; msvc explain when says when to use microservices at all.\n`;
}

export function explainWhen(columns: number): string {
  const reasons = [
    'parts of it need to scale independently of one another;',
    'several teams work on it and wait for one another’s releases;',
    'parts of it have different technology requirements;',
    'the domain is complex and falls into bounded contexts.',
  ];
  return `${[
    'When to use microservices',
    ['Split a system when at least one of these is true today:', ...reasons.map((reason) => `  - ${reason}`)].join(
      '\n',
    ),
    paragraph(
      'When not to',
      'One team, one domain, one rate of change: a well-cut monolith is cheaper to run, to change and to understand. Every network between two parts adds latency, partial failure and a contract to keep. The nine items that check-cluster judges are the price of the split: where nobody will pay it, do not split.',
      columns,
    ),
  ].join('\n\n')}\n`;
}
