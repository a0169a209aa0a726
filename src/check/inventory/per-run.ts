import type { Facts } from './facts.ts';
import { memoizeByIdentity } from './memoize.ts';

/** What is the same for every service of a run, made when the first asks for it. */
export const perRun = <T>(make: (facts: Facts) => T): ((facts: Facts) => T) => memoizeByIdentity(make);
