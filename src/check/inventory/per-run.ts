import type { Facts } from './facts.ts';

/** What is the same for every service of a run, made when the first asks for it. */
export function perRun<T>(make: (facts: Facts) => T): (facts: Facts) => T {
  const made = new WeakMap<Facts, { value: T }>();
  return (facts) => {
    const known = made.get(facts) ?? { value: make(facts) };
    made.set(facts, known);
    return known.value;
  };
}
