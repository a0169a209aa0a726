import type { FastifyInstance } from 'fastify';
import fp from 'fastify-plugin';
import { type Counter, Gauge, type Histogram } from 'prom-client';
import type { Exchange } from '../platform/gateway/exchange.ts';
import { mostHeaders } from '../platform/gateway/headers.ts';
import { LiveRoutes, type Rules } from '../platform/gateway/live-routes.ts';
import type { Route } from '../platform/gateway/route.ts';
import { RoutesError } from '../platform/gateway/routes-file.ts';
import type { Tunnel } from '../platform/gateway/tunnel.ts';
import { Upstream } from '../platform/gateway/upstream.ts';
import { type ClientSettings, clientSettings } from '../platform/http-client/settings.ts';
import { isProduction } from '../platform/settings.ts';
import gatewaySettings from '../settings/gateway.ts';

declare module 'fastify' {
  interface FastifyInstance {
    gateway: Gateway;
  }
}

export interface Gateway {
  readonly rules: Rules;
  upstreamOf(route: Route): Upstream;
  /** What is under way, so that it can be ended. */
  readonly exchanges: Set<Exchange>;
  readonly tunnels: Set<Tunnel>;
  /** What came of a request to an upstream, as of every call to another service. */
  observe(service: string, outcome: string, seconds: number): void;
}

/** Milliseconds between two looks at the file with the routes, and at what does not move. */
const routesMs = 1_000;
const idleMs = 250;
/** For which an upstream that no route leads to any more is kept, for requests that have begun with it. */
const lingerMs = 60_000;

const circuitNumber = { closed: 0, 'half-open': 1, open: 2 };

/** The routes of routes.yaml and the upstreams that they lead to. The requests themselves come in at src/routes/gateway.ts. */
export default fp(
  async (app: FastifyInstance) => {
    const { routesFile } = gatewaySettings(app.env);
    const live = await LiveRoutes.open(routesFile, (rules) => checkHere(app, rules));
    // One value, so that no request sees new routes without their upstreams.
    let current = { rules: live.rules, upstreams: openUpstreams(app, live.rules, new Map()) };
    const calls = metric<Histogram>(app, 'http_client_call_duration_seconds');
    const left = new Set<Upstream>();
    const exchanges = new Set<Exchange>();
    const tunnels = new Set<Tunnel>();
    app.decorate('gateway', {
      get rules() {
        return current.rules;
      },
      upstreamOf: ({ service }) => current.upstreams.get(service) as Upstream,
      exchanges,
      tunnels,
      observe: (service, outcome, seconds) => calls.observe({ peer_service: service, outcome }, seconds),
    });
    // A body may take as long as it moves; src/platform/gateway/exchange.ts ends those that do not.
    app.server.requestTimeout = 0;
    app.server.maxHeadersCount = mostHeaders;

    const leave = (upstream: Upstream) => {
      left.add(upstream);
      setTimeout(() => {
        left.delete(upstream);
        void upstream.close().catch(() => undefined);
      }, lingerMs).unref();
    };

    const timers = [
      setInterval(async () => {
        if (!(await live.refresh())) return;
        if (live.trouble) app.log.error(`the routes stay as they were: ${live.trouble}`);
        else app.log.info('the routes are read anew');
        if (live.rules === current.rules) return;
        const before = current.upstreams;
        current = { rules: live.rules, upstreams: openUpstreams(app, live.rules, before) };
        for (const [service, upstream] of before) if (current.upstreams.get(service) !== upstream) leave(upstream);
      }, routesMs).unref(),
      setInterval(() => {
        const now = performance.now();
        for (const exchange of exchanges) exchange.checkIdle(now);
        for (const tunnel of tunnels) tunnel.checkIdle(now);
      }, idleMs).unref(),
    ];

    app.health.add(
      'routes',
      async () => {
        if (live.trouble) throw new Error(live.trouble);
        return { routes: current.rules.routes.length };
      },
      { critical: false },
    );
    app.health.add('upstreams', async () => {
      const states = [...current.upstreams].map(([service, { state }]) => [service, state] as const);
      const isWell = states.every(([, { status }]) => status === 'healthy' || status === 'unknown');
      return { status: isWell ? 'healthy' : 'degraded', services: Object.fromEntries(states) };
    });
    new Gauge({
      name: 'gateway_websockets',
      help: 'WebSockets that are open',
      registers: [app.metrics],
      collect() {
        this.set(tunnels.size);
      },
    });

    app.addHook('preClose', async () => {
      for (const exchange of exchanges) exchange.endStream();
      for (const tunnel of tunnels) tunnel.leave();
    });
    app.addHook('onClose', async () => {
      for (const timer of timers) clearInterval(timer);
      await Promise.all([...current.upstreams.values(), ...left].map((upstream) => upstream.dispatcher.destroy()));
    });
  },
  { name: 'gateway', dependencies: ['clients', 'health', 'metrics', 'sessions'] },
);

/** What is right in itself, and not with the settings of this gateway. @throws SettingsError */
function checkHere(app: FastifyInstance, rules: Rules): void {
  checkSessions(app, rules);
  for (const route of rules.routes) settingsOf(app, route);
}

/** A developer sees a 401 and a line in the log; a deployment that lets no browser in is a mistake. */
function checkSessions(app: FastifyInstance, { routes }: Rules): void {
  const needing = routes.find(({ auth, token }) => auth === 'session' || token === 'exchange');
  if (app.sessions || !needing) return;
  const problem = `SESSION_CLIENT_ID is missing: ${needing.name} asks for a session or an exchange of tokens`;
  if (isProduction(app.env)) throw new RoutesError([problem]);
  app.log.warn(problem);
}

function settingsOf({ env }: FastifyInstance, { service, url }: Route): ClientSettings {
  const prefix = service.replaceAll('-', '_').toUpperCase();
  return clientSettings(prefix, { url: url?.href ?? `http://${service}` })(env);
}

/** Those of calls to other services: what goes through the gateway is in the same series. */
const metric = <T>(app: FastifyInstance, name: string) => app.metrics.getSingleMetric(name) as T;

/** One for each service; one that leads where it led before goes on with its connections and its circuit. */
function openUpstreams(
  app: FastifyInstance,
  { routes }: Rules,
  before: ReadonlyMap<string, Upstream>,
): Map<string, Upstream> {
  const upstreams = new Map<string, Upstream>();
  for (const route of routes) {
    const { service } = route;
    if (upstreams.has(service)) continue;
    const settings = settingsOf(app, route);
    const known = before.get(service);
    if (known && String(known.urls) === String(settings.urls)) {
      upstreams.set(service, known);
      continue;
    }
    const labels = { peer_service: service };
    metric<Gauge>(app, 'http_client_circuit').set(labels, circuitNumber.closed);
    upstreams.set(
      service,
      new Upstream(app, service, settings, {
        circuitChanged(circuit) {
          metric<Gauge>(app, 'http_client_circuit').set(labels, circuitNumber[circuit]);
          app.log[circuit === 'open' ? 'warn' : 'info'](
            { peer: service, circuit },
            `circuit breaker to ${service}: ${circuit}`,
          );
        },
        retrying: () => metric<Counter>(app, 'http_client_retries_total').inc(labels),
      }),
    );
  }
  return upstreams;
}
