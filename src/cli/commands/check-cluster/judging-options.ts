import { checkIds } from './offers.ts';

export const judged = 'What is judged';

/** Options of every command that judges: which checks, what is accepted, and how the run ends. */
export const judgingOptions = {
  selector: { value: 'labels', short: 'l', summary: 'Only Services or workloads with these labels', group: judged },
  only: { value: 'checks', list: true, summary: 'Only these checks', group: judged, offers: checkIds },
  skip: { value: 'checks', list: true, summary: 'Not these checks', group: judged, offers: checkIds },
  waivers: {
    value: 'file',
    summary: 'What is accepted; else the nearest .msvc/check.yaml above',
    group: judged,
    offers: 'files',
  },
  failOn: {
    value: 'level',
    choices: ['fail', 'warn', 'never'],
    summary: 'Exit 1 for findings from this level on; fail unless said',
    group: judged,
  },
  baseline: {
    value: 'file',
    summary: 'Compare with an earlier report or baseline',
    group: judged,
    offers: 'files',
  },
  failOnNew: { summary: 'With --baseline: exit 1 only for what is new or worse', group: judged },
  writeBaseline: { value: 'file', summary: 'Keep what there is, for --baseline', group: judged, offers: 'files' },
  minCoverage: { value: 'percent', summary: 'Exit 3 where less could be decided; 0 unless said', group: judged },
} as const;

/** `-o` of the same. */
export const outputOption = {
  value: 'format',
  repeat: true,
  short: 'o',
  summary:
    'terminal, json, markdown, html, github, sarif, junit or openmetrics, with =path into a file ({name} in it: a file for each report); may be repeated',
  group: 'How it is shown',
  offers: async () => Object.keys((await import('../../../check/report/formats.ts')).formats),
} as const;
