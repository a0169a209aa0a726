import { findFeature } from '../../../generate/inputs/features.ts';
import type { FeatureManifest } from '../../../generate/manifest.ts';
import type { Answers, ServiceRecord } from '../../../generate/record.ts';
import type { Ask } from '../../../ports.ts';
import { askAnswers } from '../../service/questions.ts';

/** Asks which feature; of those that the service has, only what can be answered anew is offered. */
export async function chooseFeature(
  { features }: ServiceRecord,
  choices: readonly FeatureManifest[],
  ask: Ask,
): Promise<FeatureManifest> {
  const open = choices.filter(({ id, questions }) => features[id] === undefined || questions.length > 0);
  const id = await ask.choose({
    message: 'Which one',
    choices: open.map(({ id, title, summary }) => ({ value: id, name: `${title}: ${summary}` })),
  });
  return findFeature(id, choices);
}

/** Asks the questions of a feature; Enter takes what the service has already. */
export function askFeature(
  { features }: ServiceRecord,
  { id, questions }: FeatureManifest,
  ask: Ask,
): Promise<Answers> {
  const asked = questions.map((question) => {
    const present = features[id]?.[question.name];
    return present === undefined ? question : { ...question, default: present };
  });
  return askAnswers(asked, {}, ask);
}
