import { expect, test } from 'vitest';
import { errorText, exitCodeOf } from '../../src/cli/command-line/report-error.ts';
import { UserError } from '../../src/errors.ts';
import { explainRefusal } from '../../src/system-error.ts';

const refused = (code: string, path?: string): Error =>
  Object.assign(new Error(`${code}: …`), { code, syscall: 'open', ...(path && { path }) });

test.each('EACCES EPERM EROFS ENOSPC EDQUOT EISDIR ENOTDIR EMFILE ENFILE ELOOP ENAMETOOLONG EIO'.split(' '))(
  '%s that nobody expected is three lines and exit 2',
  (code) => {
    const error = explainRefusal(refused(code, '/a\u001b[2J/b'), '/here');
    expect(exitCodeOf(error)).toBe(2);
    expect(errorText(error)).toMatch(
      /^error SYSTEM_REFUSED: The system refused open of \/a\\x1b\[2J\/b \(E[A-Z]+\)\n {2}why: .+\.\n {2}fix: .+\n$/,
    );
  },
);

test('a refusal without a path is told of the folder that one is in', () => {
  expect((explainRefusal(refused('EMFILE'), '/here') as Error).message).toContain('/here');
});

test('what was explained before, and what is a bug, stays what it is', () => {
  const explained = new UserError({ code: 'NOT_WRITABLE', what: 'a', why: 'b', fix: 'c', cause: refused('EACCES') });
  for (const error of [explained, new TypeError('x is not a function'), refused('ENOENT', '/a'), undefined])
    expect(explainRefusal(error, '/here')).toBe(error);
});
