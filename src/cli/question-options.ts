import type { Question } from '../generate/plan/template-set.ts';
import type { OptionSpec, OptionSpecs } from './command.ts';

/** The flags of a feature's questions: every question has one of its name. */
export const questionOptions = (questions: readonly Question[], group: string): OptionSpecs =>
  Object.fromEntries(questions.map((question) => [question.name, { ...optionOf(question), group }]));

function optionOf({ kind, message, choices = [], default: preset, ...question }: Question): OptionSpec {
  const summary = message.replace(/[?:.]\s*$/, '');
  if (kind === 'confirm') return preset === true ? { summary, off: true } : { summary };
  if (kind === 'list') return { summary, value: 'a,b', list: true };
  if (kind === 'text') return { summary, value: question.name };
  const known = choices.filter(({ planned }) => !planned).map(({ value }) => value);
  const shown = preset === undefined ? known.join(', ') : `${known.join(', ')}; default ${String(preset)}`;
  // What is allowed is checked with the other answers, so that a planned choice gets its own words.
  return { summary: `${summary} (${shown})`, value: question.name };
}
