import { buildApp } from './app.ts';
import { SettingsError } from './platform/settings.ts';
import { Shutdown } from './platform/shutdown.ts';
import { startTracing } from './platform/tracing/start.ts';
import serviceSettings from './settings/service.ts';

const { env } = process;
const shutdown = new Shutdown();

try {
  const tracing = await startTracing(env);
  const app = await buildApp({ env });
  tracing.tell(app.log);
  shutdown.of(app, tracing);
  const { host, port } = serviceSettings(env);
  const listening = await app.listen({ host, port });
  // To `npm run dev`, which says what to try there.
  process.send?.({ listening });
} catch (error) {
  // A signal came before it listened: what is begun is closed, and ends the process.
  if (!shutdown.hasBegun) {
    // What the person who starts it can mend comes without the stack.
    const { code, message, stack } = error as NodeJS.ErrnoException;
    if (error instanceof SettingsError) process.stderr.write(`${message}\n`);
    else if (code === 'EADDRINUSE') process.stderr.write(`${message}: set PORT to another one\n`);
    else process.stderr.write(`${stack}\n`);
    process.exit(1);
  }
}
