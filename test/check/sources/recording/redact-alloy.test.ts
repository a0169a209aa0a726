import { expect, test } from 'vitest';
import { redactAlloy } from '../../../../src/check/sources/recording/redact-alloy.ts';
import { textRedaction } from '../../../../src/check/sources/recording/redact-text.ts';

const text = textRedaction(() => 'redacted', { isHost: (host) => host.startsWith('loki'), isPort: () => false });
const redacted = (content: string) => redactAlloy(content, text);

test('how components are joined stays, and where they send', () => {
  expect(
    redacted(
      'discovery.kubernetes "pods" {\n  namespaces { names = ["shop", "bank"] }\n}\n' +
        'loki.source.kubernetes "pods" {\n  forward_to = [loki.write.store.receiver]\n}\n' +
        'loki.write "store" {\n  endpoint { url = "http://loki.logs.svc:3100" }\n}\n',
    ),
  ).toBe(
    'discovery.kubernetes "pods" {\n  namespaces { names = ["shop", "bank"] }\n}\n' +
      'loki.source.kubernetes "pods" {\n  forward_to = [loki.write.store.receiver]\n}\n' +
      'loki.write "store" {\n  endpoint { url = "http://loki.logs.svc:3100" }\n}\n',
  );
});

test.each([
  'password = "hunter2"',
  'url = "http://me:hunter2@loki:3100/hunter2?key=hunter2"',
  'tenant = "hunter2"',
  'bearer_token = `hunter2`',
  '// hunter2',
  '/* hunter2 */',
  '/* hunter2',
  '# hunter2',
  'password: hunter2',
  'headers = { "X-Key" = "hunter2" }',
  'hunter2 = 5',
  '"hunter2',
  'x = "\\"hunter2"',
  'local.file "x" { content = "hunter2" }',
])('%s holds a secret', (line) => {
  const whole = `loki.write "store" {\n  endpoint {\n    ${line}\n  }\n}\n`;
  expect(redacted(whole)).not.toContain('hunter2');
  expect(redacted(whole)).toMatch(/^loki\.write "store" \{/);
});
