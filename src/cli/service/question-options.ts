import { UserError } from '../../errors.ts';
import type { Question } from '../../generate/manifest.ts';
import type { Flags, OptionSpec, OptionSpecs } from '../command.ts';

/** The flags of a feature's questions: every question has one of its name. */
export const questionOptions = (questions: readonly Question[], group: string): OptionSpecs =>
  Object.fromEntries(
    questions.flatMap((question) =>
      question.kind === 'contract'
        ? flagChoices(question).map(({ value, title }) => [
            camelCase(value),
            { summary: title, group, value: 'file|URL', offers: 'files' as const },
          ])
        : question.flags
          ? flagChoices(question).map(({ value, title }) => [camelCase(value), { summary: title, group }])
          : [[question.name, { ...optionOf(question), group }]],
    ),
  );

const camelCase = (name: string): string => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** The choices of a question that are flags of their own. */
const flagChoices = ({ choices = [] }: Question): Required<Question>['choices'] =>
  choices.filter(({ planned }) => !planned);

/** The value that was chosen by its own flag. @throws UserError where several were */
export function chosenByFlag(question: Question, flags: Flags): string | undefined {
  const chosen = flagChoices(question).filter(({ value }) => flags[camelCase(value)] !== undefined);
  if (chosen.length < 2) return chosen[0]?.value;
  const names = chosen.map(({ value }) => `--${value}`);
  throw new UserError({
    code: 'FLAGS_EXCLUDE_EACH_OTHER',
    what: `${names.join(' and ')} exclude each other`,
    why: `Each of them answers the same question: ${question.message.replace(/[?:.]?\s*$/, '')}.`,
    fix: `Keep one of them: ${names.join(', ')}`,
  });
}

function optionOf({ kind, message, choices = [], default: preset, ...question }: Question): OptionSpec {
  const summary = message.replace(/[?:.]\s*$/, '');
  if (kind === 'confirm') return preset === true ? { summary, off: true } : { summary };
  if (kind === 'list') return { summary, value: 'a,b', list: true };
  if (kind === 'text') return { summary, value: question.name };
  const known = choices.filter(({ planned }) => !planned).map(({ value }) => value);
  const shown = preset === undefined ? known.join(', ') : `${known.join(', ')}; default ${String(preset)}`;
  // What is allowed is checked with the other answers, so that a planned choice gets its own words.
  return { summary: `${summary} (${shown})`, value: question.name, offers: known };
}
