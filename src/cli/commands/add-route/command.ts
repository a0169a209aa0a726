import { UserError } from '../../../errors.ts';
import type { RouteInput } from '../../../generate/inputs/route.ts';
import { defineCommand, type Flags, type OptionSpecs } from '../../command.ts';
import { changeOptions } from '../../service/change-options.ts';
import { askUnlessDecided } from '../../service/who-answers.ts';
import { manifests } from '../../templates/manifests.ts';

const what = 'What it is';

const whole = "msvc add-route '/api/orders/*' order-service";

/** What a route can say beside where it leads; each has a default in the gateway. */
const settings = {
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
} as const satisfies OptionSpecs;

export default defineCommand({
  name: 'add-route',
  summary: 'Add a route to a gateway, and the service it leads to',
  group: 'Extend a service',
  arguments: {
    path: { summary: "Path from outside, '/api/orders/*' with all below it" },
    service: { summary: 'Service that it leads to, as in Kubernetes' },
  },
  options: { ...settings, ...changeOptions },
  examples: [
    [`${whole} --rewrite /v1/orders`, 'in any folder of a gateway'],
    [`${whole} --dry-run`, 'see what would happen first'],
  ],
  async run({ path, service, ...flags }, ports) {
    const { askRoute, changeService, checkRoute, withInstance, withRoute } = await import('../../service/index.ts');
    const ask = askUnlessDecided(flags, ports);
    if (!ask && (path === undefined || service === undefined)) throw missing(path === undefined ? 'path' : 'service');
    let route: RouteInput = { path: path ?? '', service: service ?? '', settings: givenSettings(flags) };
    if (path !== undefined) checkRoute(route);
    return changeService({
      flags,
      ports,
      done: () => `route ${route.path} to ${route.service} added`,
      async change(record) {
        if (ask) {
          route = await askRoute({ path, service }, settings, ask);
          checkRoute(route);
        }
        return record.instances['upstreams']?.some(({ name }) => name === route.service)
          ? record
          : withInstance(record, 'upstreams', { name: route.service }, manifests);
      },
      also: (plan, project) => withRoute(plan, project, route),
    });
  },
});

function givenSettings(flags: Flags): RouteInput['settings'] {
  return Object.fromEntries(
    Object.keys(settings).flatMap((name) => {
      const value = flags[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

const missing = (argument: string): UserError =>
  new UserError({
    code: 'MISSING_ARGUMENT',
    what: `<${argument}> is missing`,
    why: 'This command needs it, and there is nobody to ask.',
    fix: `Give both: ${whole}`,
  });
