import { mutantsOf } from '../mutant.ts';

const folder = 'src/platform/http-client';

export const httpClient = [
  ...mutantsOf(`${folder}/open-agent.ts`, [
    {
      from: 'maxResponseSize: settings.maxAnswerBytes,',
      to: '',
      harm: 'a large answer takes the pod',
      tests: ['http-client'],
    },
    {
      from: 'clientTtl: settings.connectionMaxAgeMs,',
      to: '',
      harm: 'new replicas get no share of the calls',
      tests: ['http-client'],
    },
  ]),
  ...mutantsOf(`${folder}/resilience.ts`, [
    {
      from: 'return error.isOutage && !error.isOfOneInstance;',
      to: 'return false;',
      harm: 'the breaker never opens',
      tests: ['http-client-breaker'],
    },
    {
      from: "return error.isOutage || error.reason === 'aborted' || error.wasSentToNobody;",
      to: 'return error.isOutage || error.wasSentToNobody;',
      harm: 'a probe whose caller gave up closes the breaker',
      tests: ['http-client-breaker'],
    },
    {
      from: '!error.isOutage\n    ) {',
      to: 'false\n    ) {',
      harm: 'a 4xx does not end a row of failures',
      tests: ['http-client-breaker'],
    },
    {
      from: 'let left = isRepeatable ? retries : 0;',
      to: 'let left = retries;',
      harm: 'a POST without a key is done twice',
      tests: ['http-client.test'],
    },
    {
      from: 'Math.max(error.retryAfterMs ?? 0, backoffMs(retries - left))',
      to: 'backoffMs(retries - left)',
      harm: 'Retry-After is not kept',
      tests: ['http-client'],
    },
    {
      from: ' && !budget.take()) return false;',
      to: ' && false) return false;',
      harm: 'retries triple the load of a service that is down',
      tests: ['http-client'],
    },
    {
      from: 'return await compartment.execute(() => withRetries(call), call.limit.signal);',
      to: 'return await withRetries(call);',
      harm: 'no bulkhead: one slow service takes every socket',
      tests: ['http-client'],
    },
    {
      from: 'openedAt + settings.breakerOpenMs - Date.now()',
      to: 'openedAt - Date.now()',
      harm: 'callers are not told when to come back',
      tests: ['http-client-breaker'],
    },
  ]),
  ...mutantsOf(`${folder}/retry.ts`, [
    {
      from: "['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'].includes(method)",
      to: "['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'POST'].includes(method)",
      harm: 'a POST without a key is done twice',
      tests: ['http-client'],
    },
    {
      from: 'Number(value) * 1_000 :',
      to: 'Number(value) :',
      harm: 'Retry-After is taken for milliseconds',
      tests: ['http-client'],
    },
    {
      from: 'error.status !== 501',
      to: 'true',
      harm: 'what is not implemented is asked again',
      tests: ['http-client'],
    },
  ]),
  ...mutantsOf(`${folder}/http-client.ts`, [
    {
      from: 'await untilAborted(work, limit.signal, late)',
      to: 'await work',
      harm: 'waiting for a turn or the next attempt outlasts the deadline',
      tests: ['http-client'],
    },
    {
      from: "...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),",
      to: '',
      harm: 'the key does not go along: a retry is a second order',
      tests: ['http-client'],
    },
    {
      from: 'const why = response && whyNotAgreed(response, answer);',
      to: 'const why = undefined;',
      harm: 'an answer that is not what was agreed goes on as if it were',
      tests: ['http-client', 'payments-client'],
    },
    {
      from: 'timeoutMs: Math.min(this.#settings.attemptMs, limit.left),',
      to: 'timeoutMs: limit.left,',
      harm: 'one attempt eats the whole deadline',
      tests: ['http-client'],
    },
  ]),
  ...mutantsOf(`${folder}/open-call.ts`, [
    {
      from: 'Math.min(mostMs, (waiting',
      to: 'Math.min(mostMs * 1_000, (waiting',
      harm: 'the deadline of a call is a thousand times too long',
      tests: ['http-client'],
    },
    {
      from: '(waiting?.deadline ?? Infinity) - started',
      to: 'Infinity',
      harm: 'a call goes on after its caller has stopped waiting',
      tests: ['http-client'],
    },
    {
      from: 'const caller = signal ?? waiting?.signal;',
      to: 'const caller = signal ?? undefined;',
      harm: 'a call goes on after its caller has hung up',
      tests: ['http-client'],
    },
  ]),
  ...mutantsOf(`${folder}/path.ts`, [
    {
      from: '|| steps.test(target)',
      to: '',
      harm: 'an id climbs out of its path',
      tests: ['http-client'],
    },
    {
      from: '/^\\/(?![/\\\\])/.test(target)',
      to: "target.startsWith('/')",
      harm: 'an id changes the host',
      tests: ['http-client'],
    },
  ]),
  ...mutantsOf('src/platform/tracing/outgoing.ts', [
    {
      from: 'if (id) add(correlationHeader, id);',
      to: '',
      harm: 'the correlation id ends here',
      tests: ['tracing', 'http-client'],
    },
    {
      from: '  spans.get(request)?.end();\n',
      to: '',
      harm: 'calls leave no span',
      tests: ['tracing'],
    },
  ]),
];
