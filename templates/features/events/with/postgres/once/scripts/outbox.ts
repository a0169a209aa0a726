import { withLocalPrograms } from './local-programs.ts';
import { runNode } from './run-node.ts';

/** `npm run outbox -- list`: on the development database, unless `DATABASE_URL` names another one. */
process.exitCode = await withLocalPrograms('dev', (env) =>
  runNode(['--import', 'tsx', 'src/outbox-command.ts', ...process.argv.slice(2)], env),
);
