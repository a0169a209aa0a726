import { UserError } from '../../errors.ts';
import { flagName } from '../../flag-name.ts';
import { harmlessLine } from '../../harmless.ts';
import { nearest } from '../../nearest.ts';
import type { Question } from '../manifest.ts';
import type { Answers } from '../record.ts';
import { itself, parseList, splitPlace } from './list.ts';
import { whyNoInstanceName } from './names.ts';
import { whyUnsafeText } from './safe-text.ts';

type Answer = Answers[string];

/** Flags in kebab case: the question `maxRetries` is asked by `--max-retries`. */
export const flagOf = (question: string): string => `--${flagName(question)}`;

/** The flags that answer a question. */
const flagsOf = ({ name, flags, choices = [] }: Question): string[] =>
  flags ? choices.map(({ value }) => flagOf(value)) : [flagOf(name)];

function whyNoValue(question: Question, value: string): string | undefined {
  if (question.pattern !== undefined) {
    if (new RegExp(`^(?:${question.pattern})$`, 'u').test(value)) return undefined;
    return question.patternHint ?? `it does not match ${question.pattern}`;
  }
  return question.kind === 'list' ? whyNoInstanceName(value) : whyUnsafeText(value);
}

function whyNoChoice(question: Question, value: string): string | undefined {
  const choices = question.choices ?? [];
  const chosen = choices.find((choice) => choice.value === value);
  if (chosen?.planned) return 'it is planned, but not there yet';
  if (chosen) return undefined;
  return `the choices are ${choices
    .filter(({ planned }) => !planned)
    .map(({ value: known }) => known)
    .join(', ')}`;
}

/** The same for an element of a list, which may have a place: `charge-payment@payments`, or `@self` for the service itself. */
function whyNoElement(question: Question, element: string): string | undefined {
  if (question.at === undefined) return whyNoValue(question, element);
  const { name, place } = splitPlace(element);
  return whyNoValue(question, name) ?? (place === undefined ? undefined : whyNoInstanceName(place));
}

const repeated = (values: readonly string[]): string | undefined =>
  values.find((value, index) => values.indexOf(value) !== index);

const splitKeepingRepeats = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

/** Why an answer does not fit its question, or undefined where it does. For prompts as well as for flags. */
export function whyNoAnswer(question: Question, answer: Answer): string | undefined {
  if (question.kind === 'confirm') return typeof answer === 'boolean' ? undefined : 'it must be yes or no';
  if (typeof answer === 'boolean') return 'a value is needed';
  if (question.kind === 'list') {
    const values = typeof answer === 'string' ? splitKeepingRepeats(answer) : answer;
    const twice = repeated(question.at === undefined ? values : values.map((value) => splitPlace(value).name));
    if (twice !== undefined) return `"${twice}" is in the list twice`;
    if (values.length === 0) return 'it is empty';
    for (const value of values) {
      const why = whyNoElement(question, value);
      if (why !== undefined) return `"${value}": ${why}`;
    }
    if (question.at !== undefined && values.every((value) => splitPlace(value).place === itself)) {
      return `every one is @${itself}, and what a service does alone is one transaction`;
    }
    return undefined;
  }
  if (typeof answer !== 'string') return 'it must be one value';
  return question.kind === 'choice' || question.kind === 'contract'
    ? whyNoChoice(question, answer)
    : whyNoValue(question, answer);
}

/** How a value of this question looks: `<a,b>`, or the choices that there are. */
function exampleValue({ kind, choices = [] }: Question): string {
  const known = choices.filter(({ planned }) => !planned).map(({ value }) => value);
  if (kind === 'choice') return known.join(' or ');
  return kind === 'list' ? '<a,b>' : '<value>';
}

function refuse(question: Question, answer: Answer, why: string): never {
  const shown = harmlessLine(Array.isArray(answer) ? answer.join(',') : String(answer));
  const planned = question.choices?.some((choice) => choice.planned && choice.value === answer);
  throw new UserError({
    code: planned ? 'NOT_YET' : 'INVALID_VALUE',
    what: `${flagOf(question.name)} cannot be "${shown}"`,
    why: `${harmlessLine(why.charAt(0).toUpperCase() + why.slice(1))}.`,
    fix: `Give another value: ${flagOf(question.name)} ${exampleValue(question)}`,
  });
}

function checkAnswer(question: Question, given: Answer | undefined): Answer {
  const answer = given ?? question.default;
  if (answer === undefined) {
    throw new UserError({
      code: 'ANSWER_MISSING',
      what: `${flagsOf(question).join(' or ')} is missing`,
      why: `${question.message.replace(/[?:]?\s*$/, '')}: this has no default.`,
      fix: `Add ${question.flags ? flagsOf(question)[0] : `${flagOf(question.name)} <${question.kind === 'list' ? 'a,b' : 'value'}>`}`,
    });
  }
  const why = whyNoAnswer(question, answer);
  if (why !== undefined) refuse(question, answer, why);
  return question.kind === 'list' && typeof answer === 'string' ? parseList(answer) : answer;
}

/**
 * One answer a question: as given, else its default; lists may come as `a,b`.
 *
 * @throws UserError ANSWER_MISSING, INVALID_VALUE, NOT_YET, or UNKNOWN_ANSWER for an answer that nobody asked for
 */
export function checkAnswers(questions: readonly Question[], given: Answers): Answers {
  const names = questions.map(({ name }) => name);
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    const meant = nearest(name, names);
    throw new UserError({
      code: 'UNKNOWN_ANSWER',
      what: `Nothing is called ${harmlessLine(flagOf(name))} here`,
      why: names.length > 0 ? `What can be said: ${names.map(flagOf).join(', ')}.` : 'There is nothing to say.',
      fix: meant ? `Did you mean ${flagOf(meant)}?` : `Leave out ${harmlessLine(flagOf(name))}`,
    });
  }
  return Object.fromEntries(
    questions
      .filter(({ name, kind }) => kind !== 'contract' || given[name] !== undefined)
      .map((question) => [question.name, checkAnswer(question, given[question.name])]),
  );
}
