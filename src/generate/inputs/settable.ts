import { flagName } from '../../flag-name.ts';
import type { FeatureManifest, Question } from '../manifest.ts';

const fields = ['name', 'description', 'context', 'owner', 'package-manager'] as const;

/** A question as one types it: `maxRetries` is `max-retries`. */
export const answerName = ({ name }: Pick<Question, 'name'>): string => flagName(name);

/** Every answer that can be given anew, as one types it. Those of instances are not: they are files of their own. */
export const settable = (manifests: readonly FeatureManifest[]): string[] => [
  ...fields,
  ...manifests.flatMap(({ questions }) => questions.map(answerName)),
];
