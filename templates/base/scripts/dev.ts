import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { withLocalPrograms } from './local-programs.ts';
import { runNode } from './run-node.ts';

/** `npm run dev`: the service and what it needs, started again at every change in src/. Settings come from .env. */
if (existsSync('.env')) process.loadEnvFile('.env');
const tsx = fileURLToPath(import.meta.resolve('tsx/cli'));

process.exitCode = await withLocalPrograms('dev', (env) =>
  runNode([tsx, 'watch', '--clear-screen=false', '--include=src/**/*', 'src/main.ts'], {
    NODE_ENV: 'development',
    ...env,
  }),
);
