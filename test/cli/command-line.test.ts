import { describe, expect, test } from 'vitest';
import { commands } from '../../src/cli/commands/index.ts';
import { runCommandLine } from '../../src/cli/main.ts';
import { testPorts } from './support/test-ports.ts';

const run = async (line: string, bin: 'msvc' | 'create-microservice' = 'msvc', env: Record<string, string> = {}) => {
  const ports = testPorts({ env });
  const exitCode = await runCommandLine(bin, line.split(' ').filter(Boolean), ports);
  return { exitCode, stdout: ports.stdout.text, stderr: ports.stderr.text };
};

describe('a command line that cannot be read', () => {
  test.each([
    ['nwe', 'UNKNOWN_COMMAND', 'There is no command "nwe"', 'Did you mean new?'],
    ['new --wth a', 'UNKNOWN_OPTION', 'There is no option --wth', 'Did you mean --with?'],
    ['new --with', 'MISSING_VALUE', '--with <a,b> has no value', 'See: msvc new --help'],
    ['new a b', 'TOO_MANY_ARGUMENTS', 'Too many arguments', 'See: msvc new --help'],
    ['add-feature', 'MISSING_ARGUMENT', '<id> is missing', 'Name one: msvc add-feature redis.'],
    [
      'add-route /api/orders',
      'MISSING_ARGUMENT',
      '<service> is missing',
      "Give both: msvc add-route '/api/orders/*' order-service",
    ],
    ['--jsn', 'UNKNOWN_OPTION', 'There is no option --jsn', 'See: msvc --help'],
  ])('msvc %s', async (line, code, what, fix) => {
    const { exitCode, stdout, stderr } = await run(line);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    const [first, why, last, ...rest] = stderr.trimEnd().split('\n');
    expect(first).toBe(`error ${code}: ${what}`);
    expect(why).toMatch(/^ {2}why: \S.*\.$/);
    expect(last).toContain(`  fix: ${fix}`);
    expect(rest).toEqual([]);
  });

  test('is a JSON document too where JSON was asked for', async () => {
    const { exitCode, stdout } = await run('new --json --wth a');
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'UNKNOWN_OPTION',
        what: 'There is no option --wth',
        why: 'This command does not know it.',
        fix: 'Did you mean --with? All of them: msvc new --help',
        exitCode: 2,
      },
    });
  });

  test('shows no escape of what was typed', async () => {
    const { stderr } = await run('\x1b[2Jnew');
    expect(stderr).toContain('\\x1b[2Jnew');
    expect(stderr).not.toContain('\x1b');
  });
});

describe('help', () => {
  test.each(['', 'help', '--help', '-h'])('msvc %s lists every command', async (line) => {
    const { exitCode, stdout } = await run(line);
    expect(exitCode).toBe(0);
    for (const { name, summary } of commands) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
      expect(summary).not.toMatch(/\.$/);
    }
  });

  test.each(commands.map(({ name }) => [name]))(
    'msvc %s --help fits 80 columns, is plain and has an example',
    async (name) => {
      const { exitCode, stdout } = await run(`${name} --help`);
      expect(exitCode).toBe(0);
      expect(stdout).toContain(`Usage: msvc ${name}`);
      expect(stdout).toContain(`\n  msvc ${name}`);
      for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
      expect(stdout).not.toContain('\x1b');
      expect((await run(`help ${name}`)).stdout).toBe(stdout);
    },
  );

  test('create-microservice is msvc new', async () => {
    const { stdout } = await run('--help', 'create-microservice');
    expect(stdout).toContain('Usage: create-microservice [name] [options]');
    expect(stdout).not.toContain('msvc new');
  });
});

describe('npm create without its two dashes', () => {
  const npx = { npm_lifecycle_event: 'npx', npm_command: 'exec' };

  test.each([
    ['x redis', { npm_config_with: 'true' }, '--with'],
    ['x', { npm_config_template: 'worker' }, '--template'],
    ['x', { npm_config_git: 'false', npm_config_package_manager: 'pnpm' }, '--package-manager and --no-git'],
  ])('%s %j', async (line, kept, named) => {
    const { exitCode, stderr } = await run(line, 'create-microservice', { ...npx, ...kept });
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`error FLAGS_FOR_NPM: npm took ${named} for `);
    expect(stderr).toContain('npm create microservice <name> -- ');
  });

  test.each([
    ['an option of npm itself', { ...npx, npm_config_yes: 'true', npm_config_json: 'true', npm_config_git: 'git' }],
    ['a setting of a script, not of npx', { npm_lifecycle_event: 'test', npm_config_with: 'redis' }],
  ])('says nothing about %s', async (_, env) => {
    expect((await run('--help', 'create-microservice', env)).exitCode).toBe(0);
  });

  test('says nothing where the flag arrived', async () => {
    const env = { ...npx, npm_config_template: 'worker' };
    expect((await run('x --template=worker --help', 'create-microservice', env)).exitCode).toBe(0);
  });
});
