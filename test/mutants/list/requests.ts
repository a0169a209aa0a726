import { mutantsOf } from '../mutant.ts';

export const requests = [
  ...mutantsOf('src/platform/requests.ts', [
    {
      from: "if (app.lifecycle.phase === 'draining') reply.header('connection', 'close');",
      to: '',
      harm: 'a request is lost on a connection that the leaving pod closes',
      tests: ['draining', 'shutdown', 'requests'],
    },
    {
      from: 'if (!reply.raw.writableFinished) end(request, reply, hungUp);',
      to: '',
      harm: 'callers that hang up are neither logged nor counted',
      tests: ['requests', 'tracing'],
    },
    {
      from: 'if (status === hungUp) open.hangUp();\n      else open.answered();',
      to: 'open.answered();',
      harm: 'work goes on for callers that hung up',
      tests: ['requests', 'http-client'],
    },
    {
      from: 'headers.traceparent ? propagation.extract(ROOT_CONTEXT, headers) : ROOT_CONTEXT',
      to: 'ROOT_CONTEXT',
      harm: 'every service begins a trace of its own',
      tests: ['tracing'],
    },
    {
      from: 'reply.header(correlationHeader, request.id);\n',
      to: '',
      harm: 'the caller is not told the correlation id',
      tests: ['requests', 'problems', 'tracing'],
    },
  ]),
  ...mutantsOf('src/platform/access-log.ts', [
    {
      from: 'return query < 0 ? url : url.slice(0, query);',
      to: 'return query < 0 ? url : url;',
      harm: 'queries with secrets are logged',
      tests: ['requests', 'redact', 'client-secrets', 'tracing'],
    },
  ]),
  ...mutantsOf('src/platform/answer-problem.ts', [
    {
      from: 'return base.status < 500 ? { ...base, detail: error.message } : base;',
      to: 'return { ...base, detail: error.message };',
      harm: 'callers read what is wrong inside',
      tests: ['problems'],
    },
    {
      from: 'Math.max(1, Math.ceil(retryAfterMs / 1_000))',
      to: 'Math.ceil(retryAfterMs / 1_000)',
      harm: 'callers of a 503 come back at once',
      tests: ['problems', 'http-client', 'requests'],
    },
  ]),
  ...mutantsOf('src/platform/health.ts', [
    {
      from: "status: critical ? 'unhealthy' : 'degraded',",
      to: "status: 'degraded',",
      harm: 'a pod without its database gets requests',
      tests: ['health'],
    },
    {
      from: 'await within(timeoutMs, check)',
      to: 'await check(new AbortController().signal)',
      harm: 'a check that hangs hangs the probe',
      tests: ['health'],
    },
    {
      from: 'this.#running ??= this.#run()',
      to: 'this.#running = this.#run()',
      harm: 'probes overload what they ask for',
      tests: ['health'],
    },
  ]),
  ...mutantsOf('src/routes/health.ts', [
    {
      from: "if (phase !== 'ready') return reply.code(503).send({ status: phase });",
      to: '',
      harm: 'a leaving pod goes on getting requests',
      tests: ['health', 'draining', 'shutdown'],
    },
  ]),
  ...mutantsOf('src/platform/shutdown.ts', [
    {
      from: 'if (wasReady && !err) await delay(shutdownDelayMs);',
      to: '',
      harm: 'connections are refused before the balancers have heard',
      tests: ['shutdown', 'draining'],
    },
    {
      from: '      await tracing.shutdown();\n',
      to: '',
      harm: 'the last spans are lost',
      tests: ['shutdown', 'tracing'],
    },
    {
      from: 'const patience = setTimeout(cutOff, shutdownTimeoutMs * 0.8, app);',
      to: 'const patience = setTimeout(() => {}, 0);',
      harm: 'a request that never ends takes pools, leases and spans with it',
      tests: ['shutdown', 'draining'],
    },
    {
      from: '} else if (performance.now() - this.#since > sameSignalMs) {',
      to: '} else {',
      harm: 'one Ctrl-C that arrives twice ends it without closing',
      tests: ['shutdown'],
    },
  ]),
  ...mutantsOf('src/platform/redact.ts', [
    {
      from: "names = ['passw', 'passphrase', 'pwd', 'secret', 'token', 'cookie',",
      to: "names = ['passw', 'passphrase', 'pwd', 'secret', 'token',",
      harm: 'cookies are logged',
      tests: ['redact'],
    },
    {
      from: 'isHidden(name, item) ? hidden : copy(item)',
      to: 'copy(item)',
      harm: 'secrets are logged',
      tests: ['redact'],
    },
    {
      from: "told.split(' ').includes(name) && typeof value !== 'object'",
      to: 'true',
      harm: 'what drivers hang on an error is logged',
      tests: ['redact', 'secrets'],
    },
    {
      from: 'redactText(error.stack.replace(error.message, () => message))',
      to: 'error.stack',
      harm: 'secrets in a message are logged with its stack',
      tests: ['redact', 'secrets'],
    },
  ]),
  ...mutantsOf('src/platform/tracing/sdk.ts', [
    {
      from: 'if (!(await Promise.race([sent, late])))',
      to: 'if (!(await sent))',
      harm: 'a collector that is away holds the shutdown up',
      tests: ['shutdown', 'tracing'],
    },
  ]),
  ...mutantsOf('src/platform/tracing/span.ts', [
    {
      from: 'if (options.kind === SpanKind.CLIENT && !trace.getActiveSpan()) return work(noSpan);',
      to: '',
      harm: 'every poll makes a trace',
      tests: ['tracing', 'postgres', 'event-trace'],
    },
  ]),
];
