import { featureOfKind } from '../../../generate/inputs/features.ts';
import { parseList } from '../../../generate/inputs/list.ts';
import { type RouteInput, whyNoRoutePart } from '../../../generate/inputs/route.ts';
import type { Ask } from '../../../ports.ts';
import type { OptionSpec, OptionSpecs } from '../../command.ts';
import { exampleName } from '../../service/example-name.ts';
import { askName } from '../../service/questions.ts';
import { manifests } from '../../templates/manifests.ts';

interface Given {
  path: string | undefined;
  service: string | undefined;
}

/** What a route for everybody cannot have, since there need not be a token. */
const ofTokens = ['scopes', 'token', 'audience'];

/** Asks for a route: where from, where to, for whom, and then only for what is chosen of all that can be set. */
export async function askRoute(given: Given, options: OptionSpecs, ask: Ask): Promise<RouteInput> {
  const { instances } = featureOfKind('upstreams', manifests);
  const path =
    given.path ??
    (await ask.text({ message: 'Path from outside', default: '/api/orders/*', validate: valid('path', false) })).trim();
  const service = given.service ?? (await askName(instances, exampleName(instances), ask));
  const auth = await ask.choose({
    message: 'Who may call',
    choices: [
      { value: 'token', name: 'Who has a token' },
      { value: 'session', name: 'Who has logged in in a browser' },
      { value: 'any', name: 'Both of them' },
      { value: 'none', name: 'Everybody' },
    ],
  });
  const others = Object.entries(options).filter(
    ([name]) => name !== 'auth' && !(auth === 'none' && ofTokens.includes(name)),
  );
  const chosen = await ask.chooseMany({
    message: 'What else is said of it (each has a default)',
    choices: others.map(([value, { summary }]) => ({ value, name: summary })),
  });
  const settings: Record<string, RouteInput['settings'][string]> = auth === 'token' ? {} : { auth };
  for (const [name, option] of others) if (chosen.includes(name)) settings[name] = await askSetting(name, option, ask);
  return { path, service, settings };
}

async function askSetting(name: string, option: OptionSpec, ask: Ask): Promise<string | readonly string[] | true> {
  if (!('value' in option)) return true;
  const { summary: message, list, offers } = option;
  if (!list && Array.isArray(offers))
    return ask.choose({ message, choices: offers.map((value: string) => ({ value, name: value })) });
  const typed = await ask.text({ message: list ? `${message} (a,b)` : message, validate: valid(name, list === true) });
  return list ? parseList(typed) : typed.trim();
}

const valid =
  (name: string, isList: boolean) =>
  (typed: string): string | true =>
    whyNoRoutePart(name, isList ? parseList(typed) : typed.trim()) ?? true;
