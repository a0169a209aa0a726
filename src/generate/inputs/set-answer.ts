import { UserError } from '../../errors.ts';
import { harmlessLine } from '../../harmless.ts';
import { nearest } from '../../nearest.ts';
import type { FeatureManifest, Question } from '../manifest.ts';
import type { Answers, ServiceRecord } from '../record.ts';
import { whyNoAnswer } from './answers.ts';
import { withFeature } from './change-record.ts';
import { checkServiceName } from './names.ts';
import { isSupported, supported } from './package-manager.ts';
import { whyNo } from './service-fields.ts';
import { answerName, settable } from './settable.ts';

/**
 * The record with one answer given anew; `answer` in kebab case, as a flag without its dashes.
 *
 * @throws UserError UNKNOWN_ANSWER, ANSWER_WITHOUT_FEATURE, INVALID_NAME, INVALID_VALUE
 */
export function withAnswer(
  record: ServiceRecord,
  answer: string,
  value: string,
  manifests: readonly FeatureManifest[],
): ServiceRecord {
  if (answer === 'name') return { ...record, name: checkServiceName(value) };
  if (answer === 'package-manager') {
    const why = `Generated services are tested with ${supported.join(' and ')}, and with no other`;
    if (!isSupported(value)) throw refused(answer, value, why, supported.join(' or '));
    return { ...record, packageManager: value };
  }
  if (Object.hasOwn(whyNo, answer)) {
    const why = whyNo[answer as keyof typeof whyNo](value);
    if (why !== undefined) throw refused(answer, value, why, `<${answer}>`);
    return { ...record, [answer]: value };
  }
  const asked = manifests.flatMap(({ id, questions }) =>
    questions.filter((question) => answerName(question) === answer).map((question) => ({ id, question })),
  );
  if (asked.length === 0) throw unknown(answer, settable(manifests));
  const present = asked.find(({ id }) => Object.hasOwn(record.features, id));
  if (!present) throw withoutFeature(answer, (asked[0] as (typeof asked)[number]).id);
  return withFeature(record, present.id, answerTo(present.question, answer, value), manifests);
}

function answerTo(question: Question, answer: string, value: string): Answers {
  const { kind, name, choices = [] } = question;
  const given = kind === 'confirm' ? yesOrNo(value) : value;
  const why = whyNoAnswer(question, given);
  const known = choices.filter(({ planned }) => !planned).map((choice) => choice.value);
  const words = known.join(' or ');
  const example = { choice: words, contract: words, list: '<a,b>', confirm: 'yes or no', text: '<value>' }[kind];
  if (why !== undefined) throw refused(answer, value, why, example);
  return { [name]: given };
}

const yesOrNo = (value: string): boolean | string =>
  ({ yes: true, true: true, no: false, false: false })[value] ?? value;

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

const refused = (answer: string, value: string, why: string, example: string): UserError =>
  new UserError({
    code: 'INVALID_VALUE',
    what: `${answer} cannot be "${harmlessLine(value)}"`,
    why: sentence(harmlessLine(why)),
    fix: `Give another value: msvc set ${answer} ${example}`,
  });

function unknown(answer: string, known: readonly string[]): UserError {
  const meant = nearest(answer, known);
  return new UserError({
    code: 'UNKNOWN_ANSWER',
    what: `There is no answer "${harmlessLine(answer)}" to set`,
    why: `What can be set is one of: ${known.join(', ')}.`,
    fix: meant ? `Did you mean: msvc set ${meant} …` : 'See: msvc set --help',
  });
}

const withoutFeature = (answer: string, id: string): UserError =>
  new UserError({
    code: 'ANSWER_WITHOUT_FEATURE',
    what: `"${answer}" has nothing to decide in this service`,
    why: `It belongs to the feature ${id}, which this service does not have.`,
    fix: `Add that first: msvc add-feature ${id}`,
  });
