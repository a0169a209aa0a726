import { whyNoAnswer } from '../../generate/inputs/answers.ts';
import { featureOfKind } from '../../generate/inputs/features.ts';
import { parseList, placesIn } from '../../generate/inputs/list.ts';
import { whyNoNameOf } from '../../generate/inputs/names.ts';
import type { FeatureManifest, Question } from '../../generate/manifest.ts';
import type { Answers } from '../../generate/record.ts';
import type { Ask } from '../../ports.ts';
import type { Flags } from '../command.ts';
import { manifests } from '../templates/manifests.ts';
import { chosenByFlag } from './question-options.ts';

/** The answers that were given as flags, by question name. */
export const givenAnswers = (questions: readonly Question[], flags: Flags): Answers =>
  Object.fromEntries(
    questions.flatMap((question) => {
      const value =
        question.flags || question.kind === 'contract' ? chosenByFlag(question, flags) : flags[question.name];
      return value === undefined ? [] : [[question.name, value]];
    }),
  );

/** Asks for the name of an instance; `example` is what Enter takes, `whyNot` refuses one. */
export async function askName(
  instances: Required<FeatureManifest>['instances'],
  example: string,
  ask: Ask,
  whyNot: (name: string) => string | undefined = (name) => whyNoNameOf(instances, name),
): Promise<string> {
  const name = await ask.text({
    message: `Name of the ${instances.noun}`,
    default: example,
    validate: (typed) => whyNot(typed.trim()) ?? true,
  });
  return name.trim();
}

/** Asks what was not given. */
export async function askAnswers(questions: readonly Question[], given: Answers, ask: Ask): Promise<Answers> {
  const answers: Record<string, Answers[string]> = { ...given };
  for (const question of questions.filter(({ kind }) => kind !== 'contract'))
    answers[question.name] ??= await askOne(question, ask);
  return answers;
}

/** Why one of the instances that an answer names after an @ cannot be called so. */
function whyNoPlace({ at }: Question, value: string): string | undefined {
  if (at === undefined) return undefined;
  const { instances } = featureOfKind(at, manifests);
  return placesIn(parseList(value))
    .map((place) => [place, whyNoNameOf(instances, place)] as const)
    .filter(([, why]) => why)
    .map(([place, why]) => `"@${place}": ${why}`)[0];
}

async function askOne(question: Question, ask: Ask): Promise<Answers[string]> {
  const { kind, message, default: preset } = question;
  if (kind === 'confirm') return ask.confirm({ message, default: preset === true });
  if (kind === 'choice') {
    const choices = (question.choices ?? []).filter(({ planned }) => !planned);
    if (choices.length === 1) return choices[0]?.value as string;
    return ask.choose({
      message,
      choices: choices.map(({ value, title }) => ({ value, name: title })),
      ...(typeof preset === 'string' ? { default: preset } : {}),
    });
  }
  const shown = typeof preset === 'string' ? preset : Array.isArray(preset) ? preset.join(',') : undefined;
  return ask.text({
    message: kind === 'list' && shown === undefined ? `${message} (a,b)` : message,
    ...(shown === undefined ? {} : { default: shown }),
    validate: (value) => {
      if (value.trim() === '' && shown === undefined) return 'An answer is needed';
      return whyNoAnswer(question, value.trim()) ?? whyNoPlace(question, value) ?? true;
    },
  });
}
