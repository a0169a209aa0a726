import { amount, at, condition, items } from '../kubernetes/fields.ts';
import { type Breaker, type BreakerTechnology, breakerOf } from './breaker.ts';

const defaultsPart = 'servicedefaults.consul.hashicorp.com';
const routers = 'servicerouters.consul.hashicorp.com';

export const consul: BreakerTechnology = {
  name: 'Consul',
  mesh: 'consul',
  parts: [defaultsPart, routers],
  guards: ({ from, service }, facts) => {
    const called = service?.metadata.name;
    const own = new Set([
      from.name,
      ...from.workloads.flatMap(({ podAnnotations }) => podAnnotations['consul.hashicorp.com/connect-service'] ?? []),
    ]);
    const refused = (object: Parameters<typeof breakerOf>[2]): string | undefined => {
      const synced = condition(object['status'], 'Synced');
      if (synced === true) return undefined;
      return synced === false ? 'Consul refused it (condition Synced)' : 'no controller of Consul has taken it up';
    };
    const found = facts
      .list(defaultsPart)
      .filter(({ metadata }) => own.has(metadata.name))
      .flatMap((defaults): Breaker[] => {
        const config = at(defaults, 'spec', 'upstreamConfig');
        const override = items(at(config, 'overrides')).find((each) => at(each, 'name') === called);
        const chosen = (field: string): unknown => at(override, field) ?? at(config, 'defaults', field);
        const check = chosen('passiveHealthCheck');
        const off =
          (amount(at(check, 'maxFailures')) ?? 0) === 0
            ? 'maxFailures is 0, which switches it off'
            : amount(at(check, 'enforcingConsecutive5xx')) === 0
              ? 'enforcingConsecutive5xx is 0, so nothing is ever ejected'
              : undefined;
        const inert = refused(defaults);
        const path = 'spec.upstreamConfig';
        return [
          ...(check === undefined
            ? []
            : [breakerOf('Consul ServiceDefaults', 'trips', defaults, path, { inert: inert ?? off })]),
          ...(chosen('limits') === undefined
            ? []
            : [breakerOf('Consul ServiceDefaults', 'limits', defaults, path, { inert })]),
        ];
      });
    const limits = facts
      .list(routers)
      .filter(
        (router) =>
          router.metadata.name === called &&
          items(at(router, 'spec', 'routes')).some(
            (route) =>
              at(route, 'destination', 'requestTimeout') !== undefined ||
              at(route, 'destination', 'numRetries') !== undefined,
          ),
      )
      .map((router) => breakerOf('Consul ServiceRouter', 'limits', router, 'spec.routes', { inert: refused(router) }));
    return [...found, ...limits];
  },
};
