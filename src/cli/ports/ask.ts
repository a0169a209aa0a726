import type { Ask } from '../../ports.ts';

/** Variables that continuous integration sets; nobody is there to answer. */
const ciVariables = ['CI', 'CONTINUOUS_INTEGRATION', 'TF_BUILD', 'JENKINS_URL', 'TEAMCITY_VERSION'];

export function mayAsk(
  env: Readonly<Record<string, string | undefined>>,
  terminal: { stdin: boolean; stdout: boolean },
): boolean {
  const isCi = ciVariables.some((name) => env[name] && env[name] !== 'false' && env[name] !== '0');
  // A dumb terminal (an editor's shell) cannot move the cursor, which every prompt needs.
  return terminal.stdin && terminal.stdout && !isCi && env.TERM !== 'dumb';
}

/** Questions on the terminal. Ctrl-C at one of them rejects, as does `signal`. */
export function askOn(signal: AbortSignal): Ask {
  // Loaded at the first question: most runs ask none.
  const prompt = async <T>(question: Record<string, unknown>): Promise<T> => {
    const { createPromptModule } = await import('inquirer');
    const answers = await createPromptModule({ signal })([{ name: 'answer', ...question }] as never);
    return (answers as { answer: T }).answer;
  };
  return {
    text: (question) => prompt({ type: 'input', ...question }),
    confirm: (question) => prompt({ type: 'confirm', ...question }),
    choose: (question) => prompt({ type: 'select', pageSize: 12, ...question }),
    chooseMany: (question) => prompt({ type: 'checkbox', pageSize: 12, ...question }),
  };
}
