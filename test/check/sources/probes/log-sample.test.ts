import { expect, test } from 'vitest';
import { readLog, sharedIds } from '../../../../src/check/sources/probes/log-sample.ts';

const ours = { trace: '0af7651916cd43dd8448eb211c80319c', correlation: '5b0c2e0e-6a5b-4ec4-8d0c-0b8d2f7f3f10' };

// A line of a generated service's request, and lines as pino-http, ECS, Spring, GCP and Serilog lay them out.
const lines = {
  generated: `{"level":"info","time":"2026-11-29T10:00:00.000Z","service":"orders","version":"0.1.0","trace_id":"${ours.trace}","span_id":"00f067aa0ba902b7","correlation_id":"${ours.correlation}","method":"GET","path":"/msvc-check-cluster/exists-nowhere","status":404,"duration_ms":1.2,"msg":"request"}`,
  pino: '{"level":30,"time":1,"req":{"id":"req-12345","method":"GET","url":"/v1/orders"},"res":{"statusCode":200},"msg":"request completed"}',
  ecs: '{"@timestamp":"2026-11-29T10:00:00Z","log.level":"INFO","message":"a","service.name":"stock","trace.id":"4bf92f3577b34da6a3ce929d0e0e4736"}',
  spring: '{"timestamp":"x","level":"WARN","message":"b","mdc":{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736"}}',
  gcp: '{"severity":"INFO","logging.googleapis.com/trace":"projects/a/traces/4bf92f3577b34da6a3ce929d0e0e4736"}',
  zero: '{"level":"info","msg":"c","trace_id":"00000000000000000000000000000000","method":"GET","path":"/v1","status":200}',
  health: '{"level":"info","method":"GET","url":"/health/ready","status":200}',
  logfmt: 'level=info ts=2026-11-29T10:00:00Z msg="a b" traceID=4bf92f3577b34da6a3ce929d0e0e4736',
  plain: '10.0.0.1 - - "GET /v1/orders HTTP/1.1" 200 uid=2f0c2e0e',
  list: '["a"]',
  broken: '{"level":',
};
const read = (...names: (keyof typeof lines)[]) => readLog(names.map((name) => lines[name]).join('\n'));

test('counts what lines hold, in the layouts of the field', () => {
  expect(read('generated', 'pino', 'ecs', 'spring', 'gcp', 'zero', 'logfmt', 'plain', 'list', 'broken').sample).toEqual(
    {
      lines: 10,
      json: 6,
      logfmt: 1,
      fields: { level: 7, time: 5, message: 6, service: 2, trace: 5, correlation: 2 },
      requests: 3,
      requestsWithId: 2,
      sharedWith: [],
    },
  );
});

test('requests of Kubernetes are nobody’s', () => {
  expect(read('health').sample).toMatchObject({ json: 1, requests: 0 });
});

test('nothing is no log', () => {
  expect(readLog('\n \n').sample).toMatchObject({ lines: 0, json: 0 });
});

test('finds our own request, also in plain text, and does not count its ids as shared', () => {
  const { sample, ids } = readLog(lines.generated, ours);
  expect(sample.ours).toEqual({ trace: true, correlation: true });
  expect(ids.size).toBe(0);
  expect(readLog(`trace=${ours.trace}`, ours).sample.ours).toEqual({ trace: true, correlation: false });
  expect(readLog(lines.pino, ours).sample.ours).toEqual({ trace: false, correlation: false });
});

test('tells whose lines carry one id', () => {
  const shared = sharedIds(
    new Map([
      ['shop/a', read('ecs')],
      ['shop/b', read('spring', 'zero')],
      ['shop/c', read('zero', 'pino')],
    ]),
  );
  expect(Object.fromEntries(shared)).toEqual({ 'shop/a': ['shop/b'], 'shop/b': ['shop/a'], 'shop/c': [] });
});

test('no value of a line is in what is kept', () => {
  const secret =
    '{"level":"info","msg":"hunter2","authorization":"Bearer hunter2","hunter2":"x","trace_id":"hunter2hunter2"}';
  expect(JSON.stringify(readLog(secret, ours).sample)).not.toContain('hunter2');
});
