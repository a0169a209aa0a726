import { withLocalPrograms } from './local-programs.ts';
import { runNode } from './run-node.ts';

/** `npm run dead-letters -- list`: on the development broker, unless a setting names another one. */
process.exitCode = await withLocalPrograms('dev', (env) =>
  runNode(['--import', 'tsx', 'src/dead-letters-command.ts', ...process.argv.slice(2)], env),
);
