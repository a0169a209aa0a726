import { decimal, defineSettings, oneOf } from '../platform/settings.ts';

const samplers = ['always_on', 'always_off', 'traceidratio'] as const;
const ofTheCaller = ['parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'] as const;

/**
 * Those of OpenTelemetry's own variables that would otherwise be ignored where they are wrong. Its SDK reads the rest:
 * where the collector is, resource attributes, limits, batches.
 * https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export default defineSettings({
  exporter: oneOf('OTEL_TRACES_EXPORTER', ['otlp', 'console', 'none'], {
    what: 'where traces go: to a collector (OTLP over HTTP), to this terminal, or nowhere',
    default: (env) => {
      if (env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) return 'otlp';
      return env.NODE_ENV === 'development' && process.stdout.isTTY ? 'console' : 'none';
    },
  }),
  sampler: oneOf('OTEL_TRACES_SAMPLER', [...samplers, ...ofTheCaller], {
    what: 'which requests are traced',
    default: 'parentbased_always_on',
  }),
  samplerRatio: decimal('OTEL_TRACES_SAMPLER_ARG', {
    what: 'part of the requests that a ratio traces',
    default: 1,
    max: 1,
  }),
});
