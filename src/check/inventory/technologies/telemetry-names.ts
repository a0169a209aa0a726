import { memoize } from '../memoize.ts';

import { variableOf } from './words.ts';

const ownPrefix =
  /^(OTEL|JAEGER|ZIPKIN|DD|INSTANA|ELASTIC_APM|NEW_RELIC|SW_AGENT|AWS_XRAY|SPRING_ZIPKIN|MANAGEMENT_ZIPKIN)(_|$)|^(ZIPKIN|OC_?AGENT|OPENCENSUS)/;
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
  /TRAC(E|ES|ING|ER)(_|$)|(^|_)(SPANS?|ZIPKIN|JAEGER|TEMPO|(DD|SW|INSTANA)_AGENT|ELASTIC_APM|AWS_XRAY)(_|$)|^(OC_?AGENT|OPENCENSUS)/;
const ofOthers = /(^|_)(METRICS?|STATSD|PROM|PROMETHEUS|LOGS?|LOGGING|LOKI|FLUENT[A-Z]*|PROFIL[A-Z]*)(_|$)/;
const ofLogs = /(^|_)(LOGS?|LOGGING|LOKI|FLUENT[A-Z]*|LOGSTASH|GELF|GRAYLOG|SEQ|SERILOG|SPLUNK)(_|$)/;

export const meansTraces = memoize((name) => ofTraces.test(variableOf(name)));
/** Its name says metrics, logs or profiles, and no traces. */
export const meansOthers = memoize((name) => ofOthers.test(variableOf(name)) && !meansTraces(name));
/** Its name says something that is not logs. */
export const meansNoLogs = memoize(
  (name) => !ofLogs.test(variableOf(name)) && (meansTraces(name) || ofOthers.test(variableOf(name))),
);

/** Variables whose address is where traces go, whatever answers there. */
const traceAddress =
  /^((QUARKUS_)?OTEL_EXPORTER_OTLP_(TRACES_)?ENDPOINT|OTEL_EXPORTER_(ZIPKIN|JAEGER)_\w+|JAEGER_(AGENT_HOST|ENDPOINT|COLLECTOR\w*|HOST|SERVICE_HOST|ADDR\w*|URL)|ZIPKIN\w*|(SPRING|MANAGEMENT)_ZIPKIN_\w+|(DD|INSTANA)_AGENT_HOST|DD_TRACE_AGENT_(URL|HOSTNAME)|ELASTIC_APM_SERVER_URLS?|AWS_XRAY_DAEMON_ADDRESS|SW_AGENT_COLLECTOR_BACKEND_SERVICES|(OC_?AGENT|OPENCENSUS)\w*|\w*(TRACING|TRACES?|OTLP|OTEL|TEMPO)\w*_(ADDR|ADDRESS|ENDPOINT|URL|HOST|URI))$/i;

/** By a variable's name: `OTEL_EXPORTER_OTLP_ENDPOINT`. */
export const namesTraceAddress = memoize((variable) => traceAddress.test(variable));
