import { join } from 'node:path';
import autoload from '@fastify/autoload';
import { type FastifyBaseLogger, type FastifyInstance, fastify, LogController } from 'fastify';
import type { DestinationStream } from 'pino';
import { answerBrokenRequest, answerError } from './platform/answer-problem.ts';
import { acceptCorrelationId, correlationHeader } from './platform/context.ts';
import { importFolder } from './platform/import-folder.ts';
import { createLogger, logDestination } from './platform/logging.ts';
import requests from './platform/requests.ts';
import { checkSettings, type Environment, type Settings } from './platform/settings.ts';
import { buildValidator } from './platform/validation.ts';
import { root } from './root.ts';
import serviceSettings from './settings/service.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** The environment that this service was started with; settings are read from it: `orderSettings(app.env)`. */
    env: Environment;
  }
}

// Autoload cannot see by itself that tsx was given as --import. Harmless in production, where no .ts file is found.
process.env.FASTIFY_AUTOLOAD_TYPESCRIPT ??= '1';

export interface AppOptions {
  env: Environment;
  /** Where log lines go; stdout unless a test wants to read them. */
  destination?: DestinationStream;
  /** Registers more before the routes: a test its own routes, `npm run contract` what reads them. */
  extend?: (app: FastifyInstance) => Promise<void>;
}

/**
 * Composes the service, ready to listen. Settings, plugins and routes are found in their folders, so a feature adds
 * files and changes none.
 *
 * @throws SettingsError that names every missing or wrong variable.
 */
export async function buildApp({ env, destination, extend }: AppOptions): Promise<FastifyInstance> {
  checkSettings(await importFolder<Settings>(join(root, 'settings')), env);
  const { logLevel, keepAliveTimeoutMs } = serviceSettings(env);
  const output = destination ?? (await logDestination(env));
  const logger = createLogger(logLevel, output);

  const app = fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    // The context puts the ids on every line (src/platform/logging.ts), so no request needs a logger of its own.
    childLoggerFactory: (logger) => logger,
    genReqId: ({ headers }) => acceptCorrelationId(headers[correlationHeader]),
    // While it drains, what still arrives is answered; see src/platform/shutdown.ts.
    return503OnClosing: false,
    // Fastify sets no limit: whoever never ends a request would keep its connection for ever.
    requestTimeout: 60_000,
    keepAliveTimeout: keepAliveTimeoutMs,
    // Migrations of another replica, or a crowded node, may keep a plugin waiting: the startup probe decides, not Fastify.
    pluginTimeout: 60_000,
    // A URL that cannot be decoded reaches no route and no error handler.
    frameworkErrors: answerError,
    clientErrorHandler: answerBrokenRequest,
    ajv: { customOptions: { removeAdditional: false } },
    schemaController: { compilersFactory: { buildValidator } },
  });

  app.decorate('env', env);
  try {
    // First, so that whatever runs later runs in the context of its request.
    await app.register(requests, { lines: logger.isLevelEnabled('info') ? output : undefined });
    await app.register(autoload, { dir: join(root, 'plugins') });
    await extend?.(app);
    await app.register(autoload, { dir: join(root, 'routes') });
    return app;
  } catch (error) {
    // What was opened before the one that failed would keep the process alive.
    await app.close().catch(() => undefined);
    throw error;
  }
}
