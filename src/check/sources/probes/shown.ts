import type { PodObservation, ProbePurpose } from '../../contract.ts';
import type { Asked } from './ask.ts';
import { breakersIn } from './breakers.ts';
import type { OurIds } from './log-sample.ts';

type Shown = Omit<PodObservation, 'namespace' | 'pod' | 'container' | 'answers' | 'logs'>;
type App = NonNullable<Asked['app']>;

/** What the answers of an app show: names, versions and outcomes, and nothing else of what they hold. */
export function shownBy(asked: readonly Asked[], ours: OurIds): Shown {
  const shown: Shown = {};
  for (const { answer, app } of asked) {
    if (!app) continue;
    const { purpose, status = 0, cut = false } = answer;
    if (purpose === 'metrics' && status === 200) shown.breakers = breakersIn(app.body, cut);
    else if (purpose === 'contract' && status === 200) Object.assign(shown, contractIn(app.body, cut));
    else if (purpose === 'nowhere') shown.echoed = echoedIn(app, ours);
    else if (isProbe(purpose)) {
      const said = healthIn(app.body);
      if (said) shown.health = { ...shown.health, [purpose]: said };
    }
  }
  return shown;
}

const isProbe = (purpose: ProbePurpose): purpose is 'readiness' | 'liveness' | 'startup' =>
  purpose === 'readiness' || purpose === 'liveness' || purpose === 'startup';

function echoedIn({ headers }: App, { trace, correlation }: OurIds): NonNullable<Shown['echoed']> {
  const holding = (id: string): string[] =>
    Object.keys(headers)
      .filter((name) => String(headers[name]).includes(id))
      .sort();
  return { correlation: holding(correlation), trace: holding(trace) };
}

/** A word, as health endpoints of the field give it (`healthy`, `UP`, `pass`); other texts are not kept. */
function healthIn(body: string): string | undefined {
  const { status } = objectIn(body);
  return typeof status === 'string' && /^[A-Za-z][A-Za-z_-]{0,31}$/.test(status) ? status : undefined;
}

const formats = ['openapi', 'swagger', 'asyncapi'] as const;

function contractIn(body: string, isCut: boolean): Pick<Shown, 'contract'> {
  const document = isCut ? headOf(body) : objectIn(body);
  const format = formats.find((name) => typeof document[name] === 'string');
  if (!format) return {};
  const info = document['info'];
  const version = typeof info === 'object' && info !== null ? (info as { version?: unknown }).version : undefined;
  // What is no version may be anything.
  const isVersion = typeof version === 'string' && /^[\w][\w.+-]{0,63}$/.test(version);
  return { contract: { format, ...(isVersion ? { version } : {}) } };
}

/** Of a document that was too long to be read whole: what stands at its top. */
function headOf(body: string): Record<string, unknown> {
  const [, format = '', its] = /^\s*\{\s*"(openapi|swagger|asyncapi)"\s*:\s*"([\d.]+)"/.exec(body) ?? [];
  const version = /"info"\s*:\s*\{[^{}]*"version"\s*:\s*"([^"]*)"/.exec(body)?.[1];
  return its ? { [format]: its, info: { version } } : {};
}

function objectIn(body: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
