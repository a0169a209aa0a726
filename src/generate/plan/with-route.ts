import { UserError } from '../../errors.ts';
import { harmlessLine } from '../../harmless.ts';
import { parseYaml } from '../formats/yaml-tree.ts';
import type { RouteInput } from '../inputs/route.ts';
import { composer } from '../render/compose.ts';
import type { FileChange, Plan } from './plan.ts';
import type { Project } from './project.ts';

/** Where a gateway's routes are; a file of the person's own, of which only the first version is rendered. */
export const routesFile = 'deploy/base/routes.yaml';

/**
 * The plan with one more route in the gateway's file. Every line that is there stays as it is.
 *
 * @throws UserError ROUTE_TAKEN where the path is there already, ROUTES_BROKEN where the file cannot be read
 */
export async function withRoute(plan: Plan, project: Pick<Project, 'read'>, route: RouteInput): Promise<Plan> {
  const planned = plan.changes.find(({ path }) => path === routesFile);
  const onDisk = (await project.read([routesFile])).get(routesFile)?.content;
  const before = planned && 'content' in planned ? planned.content : onDisk;
  if (before === undefined) throw broken('is not there');
  const content = await addRoute(before, route);
  const change: FileChange = {
    ...(onDisk === undefined ? { kind: 'create' as const } : { kind: 'update' as const, before: onDisk }),
    path: routesFile,
    content,
  };
  const others = plan.changes.filter(({ path }) => path !== routesFile);
  return { ...plan, changes: [...others, change].sort((a, b) => (a.path < b.path ? -1 : 1)) };
}

/**
 * The plan as it is, unless the gateway still leads to a service that it is about to forget.
 *
 * @throws UserError ROUTES_LEAD_THERE
 */
export async function withoutRoutesTo(plan: Plan, project: Pick<Project, 'read'>, service: string): Promise<Plan> {
  const text = (await project.read([routesFile])).get(routesFile)?.content ?? '';
  const { routes } = (parseYaml(text)?.document.toJS() ?? {}) as { routes?: unknown };
  const leading = (Array.isArray(routes) ? routes : []).filter((route) => route?.service === service);
  if (leading.length > 0)
    throw leadThere(
      service,
      leading.map(({ path }) => harmlessLine(String(path))),
    );
  return plan;
}

/** The text of a file of routes with one more at its end. */
export async function addRoute(text: string, { path, service, settings }: RouteInput): Promise<string> {
  const parsed = parseYaml(text);
  const routes = (parsed?.document.toJS() as { routes?: unknown } | undefined)?.routes;
  if (!Array.isArray(routes)) throw broken('has no list `routes`, or is no YAML that can be read');
  const methodsOf = (value: unknown) => (Array.isArray(value) ? value.map(String) : undefined);
  const own = methodsOf(settings['methods']);
  const same = routes.find((other: Record<string, unknown>) => {
    if (keyOf(String(other?.['path'])) !== keyOf(path)) return false;
    const its = methodsOf(other['methods']);
    return !own || !its || own.some((method) => its.includes(method));
  });
  if (same) throw taken(path, String(same.service));
  const elsewhere = routes.find(
    (other) => other?.service === service && addressOf(other.url) !== addressOf(settings['url']),
  );
  if (elsewhere) throw isElsewhere(service, String(elsewhere.path), elsewhere.url);
  const { retries } = settings;
  // A number in the file, as the gateway wants it.
  const said = { path, service, ...settings, ...(retries !== undefined && { retries: Number(retries) }) };
  const lines = Object.entries(said).map(([name, value]) => `${name}: ${yaml(value)}`);
  const entry = `routes:\n  - ${lines.join('\n    ')}\n`;
  const compose = composer(routesFile) as NonNullable<ReturnType<typeof composer>>;
  return compose(text, entry);
}

/** Paths that the gateway takes for the same. */
const keyOf = (path: string): string => path.toLowerCase().replace(/\/$/, '');

const addressOf = (url: unknown): string | undefined =>
  typeof url === 'string' && URL.canParse(url) ? new URL(url).href : undefined;

const yaml = (value: RouteInput['settings'][string]): string =>
  Array.isArray(value) ? `[${value.map(scalar).join(', ')}]` : scalar(value as string);

/** As it is where YAML takes that for the same text. */
const scalar = (value: string | number | boolean): string =>
  typeof value !== 'string' || /^[a-z/][\w/*.:+-]*$/i.test(value) || /^\d+(?:[a-z]+|\/[a-z]+)$/i.test(value)
    ? String(value)
    : JSON.stringify(value);

const broken = (what: string): UserError =>
  new UserError({
    code: 'ROUTES_BROKEN',
    what: `${routesFile} ${what}`,
    why: 'A route is added to what is there, and nothing of yours is written over.',
    fix: `Mend it, or take it back from git: git checkout -- ${routesFile}`,
  });

const taken = (path: string, service: string): UserError =>
  new UserError({
    code: 'ROUTE_TAKEN',
    what: `${routesFile} already has a route ${path}, to ${service}`,
    why: 'Two routes of one path may only differ in their methods, or nobody could say which is meant.',
    fix: 'Change the one that is there, or give each its own --methods',
  });

const leadThere = (service: string, paths: readonly string[]): UserError =>
  new UserError({
    code: 'ROUTES_LEAD_THERE',
    what: `${routesFile} still leads to ${service}: ${paths.join(', ')}`,
    why: 'Nothing would let the gateway reach it any more, and each of these would be a 502.',
    fix: `Take ${paths.length === 1 ? 'this route' : 'these routes'} out of the file first, then run it again.`,
  });

const isElsewhere = (service: string, path: string, url: unknown): UserError =>
  new UserError({
    code: 'ROUTE_ELSEWHERE',
    what: `${service} is ${url ? `at ${harmlessLine(String(url))}` : 'at its name'} in the route ${harmlessLine(path)} of ${routesFile}`,
    why: 'A service has one place, and a gateway does not start with two.',
    fix: url
      ? `Give the same one: --url ${harmlessLine(String(url))}`
      : 'Leave out --url, or give the other route the same one',
  });
