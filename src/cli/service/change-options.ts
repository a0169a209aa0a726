import type { OptionSpecs } from '../command.ts';

const setup = 'How it is done';
const output = 'What is shown';

/** Flags of every command that changes a service. */
export const changeOptions = {
  yes: { summary: 'Ask nothing, go ahead', group: setup },
  writeConflicts: { summary: 'Write files with conflict markers, as git does', group: setup },
  install: { off: true, summary: 'Do not install new dependencies', group: setup },
  dryRun: { summary: 'Show what would happen to each file and write nothing', group: output },
  diff: { summary: 'Show the changed lines too and write nothing', group: output },
  json: { summary: 'One JSON document, for programs', group: output },
} as const satisfies OptionSpecs;
