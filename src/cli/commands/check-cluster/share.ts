import { UserError } from '../../../errors.ts';

/** `--min-coverage`, 0 unless given. @throws UserError MIN_COVERAGE */
export function shareOf(given: string | undefined): number {
  const number = given === undefined ? 0 : Number(given);
  if (given?.trim() === '' || !(number >= 0 && number <= 100))
    throw new UserError({
      code: 'MIN_COVERAGE',
      what: `"${given}" is no share`,
      why: '--min-coverage is a number of percent.',
      fix: 'Give one from 0 to 100.',
    });
  return number;
}
