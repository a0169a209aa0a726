/** One small fault put into a generated service on purpose, and the tests that must see it. */
export interface Mutant {
  /** File in the service. */
  file: string;
  /** What stands there exactly once. */
  from: string;
  /** What stands there instead. */
  to: string;
  /** What would go wrong in production. */
  harm: string;
  /** Parts of the names of test files, as `npm test --` takes them. */
  tests: readonly string[];
  /** Only `npm run test:faults` can see it: it takes a killed process. */
  faults?: true;
}

/** The mutants of one file. */
export const mutantsOf = (file: string, mutants: readonly Omit<Mutant, 'file'>[]): readonly Mutant[] =>
  mutants.map((mutant) => ({ file, ...mutant }));

export type Outcome = 'killed' | 'survived' | 'too slow';
