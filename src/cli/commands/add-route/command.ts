import { defineCommand } from '../../command.ts';
import { changeOptions } from '../../service/change-options.ts';
import { manifests } from '../../templates/manifests.ts';

const what = 'What it is';

export default defineCommand({
  name: 'add-route',
  summary: 'Add a route to a gateway, and the service it leads to',
  group: 'Extend a service',
  arguments: {
    path: { required: true, summary: "Path from outside, '/api/orders/*' with all below it" },
    service: { required: true, summary: 'Service that it leads to, as in Kubernetes' },
  },
  options: {
    methods: { summary: 'Only these methods', value: 'GET,POST', list: true, group: what },
    auth: {
      summary: 'Who may call (token, session, any, none; default token)',
      value: 'auth',
      offers: ['token', 'session', 'any', 'none'],
      group: what,
    },
    scopes: { summary: 'Scopes that the token must have', value: 'a,b', list: true, group: what },
    rewrite: { summary: "What the path's beginning becomes", value: 'path', group: what },
    timeout: { summary: 'Until the answer begins, such as 30s', value: 'time', group: what },
    idle: { summary: 'For which a body may stand still, such as 60s', value: 'time', group: what },
    retries: { summary: 'Of what is safe to repeat, 0 to 5', value: 'n', group: what },
    body: { summary: 'Largest request, such as 10MiB', value: 'size', group: what },
    rate: { summary: 'Requests of one client, such as 100/s', value: 'rate', group: what },
    websocket: { summary: 'Let WebSockets through', group: what },
    token: {
      summary: 'What the upstream gets (pass, exchange, none)',
      value: 'token',
      offers: ['pass', 'exchange', 'none'],
      group: what,
    },
    audience: { summary: 'Whom an exchanged token is for', value: 'name', group: what },
    url: { summary: 'Where the service is, if not at its name', value: 'url', group: what },
    allow: { summary: 'Paths that are refused elsewhere', value: 'a,b', list: true, group: what },
    ...changeOptions,
  },
  examples: [
    ["msvc add-route '/api/orders/*' order-service --rewrite /v1/orders", 'in any folder of a gateway'],
    ["msvc add-route '/api/orders/*' order-service --dry-run", 'see what would happen first'],
  ],
  async run({ path = '', service = '', ...flags }, ports) {
    const { changeService, checkRoute, withInstance, withRoute } = await import('../../service/index.ts');
    const {
      methods,
      auth,
      scopes,
      rewrite,
      timeout,
      idle,
      retries,
      body,
      rate,
      websocket,
      token,
      audience,
      url,
      allow,
    } = flags;
    // A number in the file, as the gateway wants it.
    const repeats = retries !== undefined && /^\d$/.test(retries) ? Number(retries) : retries;
    const given = {
      url,
      methods,
      auth,
      scopes,
      rewrite,
      timeout,
      idle,
      retries: repeats,
      body,
      rate,
      websocket,
      token,
      audience,
      allow,
    };
    const settings = Object.fromEntries(
      Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
    const route = { path, service, settings };
    checkRoute(route);
    return changeService({
      flags,
      ports,
      done: () => `route ${path} to ${service} added`,
      change: (record) =>
        record.instances['upstreams']?.some(({ name }) => name === service)
          ? record
          : withInstance(record, 'upstreams', { name: service }, manifests),
      also: (plan, project) => withRoute(plan, project, route),
    });
  },
});
