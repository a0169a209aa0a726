import { expect, test } from 'vitest';
import { composer } from '../../../src/generate/render/compose.ts';

const compose = composer('.env.example');

test('a contribution to .env.example comes below its heading, in whatever order they come, and the headings stay', async () => {
  const added = [
    '# --- Redis\n# REDIS_URL=redis://127.0.0.1\n',
    '# --- Calls\n# Where it is.\n# PAYMENTS_URL=\n',
    '# --- Calls\n# STOCK_URL=\n',
    '# OTHER=1\n',
  ];
  let text = '# PORT=3000\n\n# --- Calls\n# --- NATS\n# --- Redis\n';
  for (const one of added) text = (await compose?.(text, one)) ?? '';
  expect(text).toBe(
    [
      '# PORT=3000',
      '',
      '# --- Calls',
      '# Where it is.',
      '# PAYMENTS_URL=',
      '',
      '# STOCK_URL=',
      '',
      '# --- NATS',
      '# --- Redis',
      '# REDIS_URL=redis://127.0.0.1',
      '',
      '# OTHER=1',
      '',
    ].join('\n'),
  );
});
