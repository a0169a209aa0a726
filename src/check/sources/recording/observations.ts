import { withoutSecrets } from '../../../harmless.ts';
import type { LogSample, ObservedBreaker, PodObservation, ProbeAnswer } from '../../contract.ts';

const purposes = ['readiness', 'liveness', 'startup', 'metrics', 'contract', 'nowhere', 'logs'] as const;
const outcomes = ['answered', 'refused', 'unreached', 'not-asked'] as const;
const libraries = ['msvc', 'opossum', 'resilience4j', 'Polly', 'MicroProfile', 'Envoy'] as const;
const states = ['closed', 'half-open', 'open', 'off'] as const;
const formats = ['openapi', 'swagger', 'asyncapi'] as const;

/** What pods showed, without what lets somebody in: names that an app chose may hold anything. */
export const redactObservations = (observations: readonly PodObservation[]): PodObservation[] =>
  observations.map((one) => shapeTexts(one) as PodObservation);

const shapeTexts = (value: unknown): unknown => {
  if (typeof value === 'string') return withoutUser(withoutSecrets(value));
  if (Array.isArray(value)) return value.map(shapeTexts);
  return isRecord(value)
    ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shapeTexts(inner)]))
    : value;
};

/** "User "alice" cannot get …" says who made the recording. */
const withoutUser = (text: string): string => text.replace(/User "[^"]*"/g, 'the user');

/** A line of a recording; undefined where it is about no pod. What has no right shape is left out. */
export function observationIn(value: unknown): PodObservation | undefined {
  const { namespace, pod, container, answers, health, breakers, contract, echoed, logs } = fieldsOf(value);
  if (typeof namespace !== 'string' || typeof pod !== 'string') return undefined;
  const told = contractIn(contract);
  const sample = logsIn(logs);
  return {
    namespace,
    pod,
    container: typeof container === 'string' ? container : '',
    answers: listOf(answers, answerIn),
    ...(isRecord(health) ? { health: healthIn(health) } : {}),
    ...(Array.isArray(breakers) ? { breakers: listOf(breakers, breakerIn) } : {}),
    ...(told ? { contract: told } : {}),
    ...(isRecord(echoed) ? { echoed: { correlation: texts(echoed.correlation), trace: texts(echoed.trace) } } : {}),
    ...(sample ? { logs: sample } : {}),
  };
}

function answerIn(value: unknown): ProbeAnswer | undefined {
  const { purpose, request, outcome, status, detail, cut } = fieldsOf(value);
  const [what, became] = [oneOf(purposes, purpose), oneOf(outcomes, outcome)];
  if (!what || !became || typeof request !== 'string') return undefined;
  return {
    purpose: what,
    request,
    outcome: became,
    ...(typeof status === 'number' ? { status } : {}),
    ...(typeof detail === 'string' ? { detail } : {}),
    ...(cut === true ? { cut } : {}),
  };
}

function breakerIn(value: unknown): ObservedBreaker | undefined {
  const { library, name, state, metric } = fieldsOf(value);
  const [by, now] = [oneOf(libraries, library), oneOf(states, state)];
  if (!by || typeof name !== 'string' || typeof metric !== 'string') return undefined;
  return { library: by, name, metric, ...(now ? { state: now } : {}) };
}

function healthIn({ readiness, liveness, startup }: Record<string, unknown>): NonNullable<PodObservation['health']> {
  const told = Object.entries({ readiness, liveness, startup }).filter(([, status]) => typeof status === 'string');
  return Object.fromEntries(told);
}

function contractIn(value: unknown): PodObservation['contract'] {
  const { format, version } = fieldsOf(value);
  const known = oneOf(formats, format);
  return known && { format: known, ...(typeof version === 'string' ? { version } : {}) };
}

function logsIn(value: unknown): LogSample | undefined {
  if (!isRecord(value)) return undefined;
  const { lines, json, logfmt, requests, requestsWithId, ours, sharedWith } = value;
  const { level, time, message, service, trace, correlation } = fieldsOf(value.fields);
  return {
    lines: count(lines),
    json: count(json),
    logfmt: count(logfmt),
    fields: {
      level: count(level),
      time: count(time),
      message: count(message),
      service: count(service),
      trace: count(trace),
      correlation: count(correlation),
    },
    requests: count(requests),
    requestsWithId: count(requestsWithId),
    ...(isRecord(ours) ? { ours: { trace: ours.trace === true, correlation: ours.correlation === true } } : {}),
    sharedWith: texts(sharedWith),
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const fieldsOf = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {});
const count = (value: unknown): number => (Number.isInteger(value) && (value as number) > 0 ? (value as number) : 0);
const texts = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
const oneOf = <T extends string>(known: readonly T[], value: unknown): T | undefined =>
  known.find((one) => one === value);
const listOf = <T>(value: unknown, read: (one: unknown) => T | undefined): T[] =>
  Array.isArray(value) ? value.flatMap((one) => read(one) ?? []) : [];
