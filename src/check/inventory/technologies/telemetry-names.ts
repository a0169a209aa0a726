import { memoize } from '../memoize.ts';

import { variableOf } from './words.ts';

const ownPrefix =
  /^(OTEL|JAEGER|ZIPKIN|DD|INSTANA|ELASTIC_APM|NEW_RELIC|SW_AGENT|SPRING_ZIPKIN|MANAGEMENT_ZIPKIN)(_|$)|^(ZIPKIN|OC_?AGENT|OPENCENSUS)/;
const inside = /(TRACING|COLLECTOR|OTLP|PYROSCOPE|SENTRY|LOKI|FLUENTD|METRICS_EXPORT)(_|$)/;
const asWord =
  /(^|_)(WAVEFRONT|SEQ_?(SERVER_?)?URL|LOGSTASH|GELF|GRAYLOG|STATSD|PUSHGATEWAY|SPLUNK|APPLICATION_?INSIGHTS|HONEYCOMB|FLUENT_?BIT)(_|$)/;

/** Settings that say where spans, metrics and log lines go: no calls of the business. */
export const namesTelemetry = memoize((name) => {
  const words = variableOf(name);
  return ownPrefix.test(words) || inside.test(words) || asWord.test(words);
});

/** Ports of protocols that carry spans alone: Zipkin, Jaeger, OpenCensus, Datadog. */
const spanPorts = new Set([9411, 14250, 14268, 6831, 6832, 55678, 8126]);
/** These and OTLP's: ports that take traces and nothing of the business. */
const telemetryPorts = new Set([4317, 4318, ...spanPorts]);
export const isTelemetryPort = (port: number | undefined): boolean => port !== undefined && telemetryPorts.has(port);

export const carriesNoLogs = (port: number | undefined): boolean => port !== undefined && spanPorts.has(port);

const ofTraces =
  /TRAC(E|ES|ING|ER)(_|$)|(^|_)(SPANS?|ZIPKIN|JAEGER|TEMPO|(DD|SW|INSTANA)_AGENT|ELASTIC_APM)(_|$)|^(OC_?AGENT|OPENCENSUS)/;
const ofOthers = /(^|_)(METRICS?|STATSD|PROM|PROMETHEUS|LOGS?|LOGGING|LOKI|FLUENT[A-Z]*|PROFIL[A-Z]*)(_|$)/;
const ofLogs = /(^|_)(LOGS?|LOGGING|LOKI|FLUENT[A-Z]*|LOGSTASH|GELF|GRAYLOG|SEQ|SERILOG|SPLUNK)(_|$)/;

export const meansTraces = memoize((name) => ofTraces.test(variableOf(name)));
/** Its name says metrics, logs or profiles, and no traces. */
export const meansOthers = memoize((name) => ofOthers.test(variableOf(name)) && !meansTraces(name));
/** Its name says something that is not logs. */
export const meansNoLogs = memoize(
  (name) => !ofLogs.test(variableOf(name)) && (meansTraces(name) || ofOthers.test(variableOf(name))),
);
