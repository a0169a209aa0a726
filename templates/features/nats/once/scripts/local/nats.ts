import { defineLocalProgram, type LocalProgram } from '../local-programs.ts';
import { findNatsServer } from '../nats/find-program.ts';
import { startNats } from '../nats/server.ts';
import { joinNats } from '../nats/shared-server.ts';

/**
 * For `npm run dev` one NATS for all services of this developer, unless NATS_URL names another. For `npm test` one of its
 * own; a test that stops or floods it starts one more, by NATS_SERVER.
 */
export default defineLocalProgram({
  name: 'nats',
  start: ({ purpose, env }) => (purpose === 'dev' ? forDevelopment(env) : forTests(env)),
});

type Environment = Readonly<NodeJS.ProcessEnv>;
type Started = ReturnType<LocalProgram['start']>;

async function forDevelopment(env: Environment): Started {
  if (env.NATS_URL) return {};
  const { url, release } = await joinNats(await program(env));
  return { env: { NATS_URL: url }, stop: release };
}

async function forTests(env: Environment): Started {
  const found = await program(env);
  const { url, stop } = await startNats(found);
  return { env: { NATS_URL: url, NATS_SERVER: found }, stop };
}

const program = async (env: Environment): Promise<string> =>
  env.NATS_SERVER ?? (await findNatsServer((line) => console.error(line)));
