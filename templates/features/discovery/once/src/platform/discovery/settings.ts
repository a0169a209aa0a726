import { oneOf } from '../settings.ts';
import { ways } from './ways.ts';

type Way = keyof typeof ways;

/** How the instances of a service are found; `service`: they are not, somebody behind its one address balances. */
export const discoveryFields = (prefix: string) => ({
  discovery: oneOf<'service' | Way>(`${prefix}_DISCOVERY`, ['service', ...(Object.keys(ways) as Way[])], {
    what: `how the instances behind ${prefix}_URL are found`,
    default: 'service',
  }),
});
