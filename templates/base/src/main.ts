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
  // What the person who starts it can mend comes without the stack.
  const { code, message, stack } = error as NodeJS.ErrnoException;
  if (error instanceof SettingsError) process.stderr.write(`${message}\n`);
  else if (code === 'EADDRINUSE') process.stderr.write(`${message}: set PORT to another one\n`);
  else process.stderr.write(`${stack}\n`);
  process.exit(1);
}
