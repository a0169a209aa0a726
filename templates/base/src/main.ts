import { buildApp } from './app.ts';
import { SettingsError } from './platform/settings.ts';
import { closeOnSignals } from './platform/shutdown.ts';
import { startTracing } from './platform/tracing/start.ts';
import serviceSettings from './settings/service.ts';

const { env } = process;

try {
  const tracing = await startTracing(env);
  const app = await buildApp({ env });
  closeOnSignals(app, tracing);
  const { host, port } = serviceSettings(env);
  await app.listen({ host, port });
} catch (error) {
  // A setting is for the person who deploys, so without the stack.
  process.stderr.write(`${error instanceof SettingsError ? error.message : (error as Error).stack}\n`);
  process.exit(1);
}
