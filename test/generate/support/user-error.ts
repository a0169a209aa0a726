import { expect } from 'vitest';
import { UserError } from '../../../src/errors.ts';

/** The UserError that something throws or rejects with; fails where it does not, or where a line of it is empty. */
export async function userError(action: () => unknown): Promise<UserError> {
  let thrown: unknown;
  try {
    await action();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(UserError);
  const error = thrown as UserError;
  for (const line of [error.message, error.why, error.fix]) expect(line).toMatch(/\S/);
  return error;
}
