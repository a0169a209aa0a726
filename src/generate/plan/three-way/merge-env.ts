import { type EnvBlock, parseEnv, printEnv } from '../../formats/env-blocks.ts';
import { mergedOrder } from '../../formats/key-order.ts';
import { keepsLines } from './keeps-lines.ts';
import { mergeText } from './merge-text.ts';
import { clean, conflict, type Outcome } from './outcome.ts';

/** Variable by variable, each with the comments above it; line by line where a file is no plain list of variables. */
export function mergeEnv(base: string, mine: string, theirs: string): Outcome {
  const byLines = mergeText(base, mine, theirs);
  if (byLines.clean) return byLines;
  const [b, m, t] = [base, mine, theirs].map((text) => {
    const blocks = parseEnv(text);
    return blocks && new Map(blocks.map((block) => [block.name, block]));
  });
  if (!b || !m || !t) return byLines;
  const merged: EnvBlock[] = [];
  for (const name of mergedOrder([...m.keys()].filter(Boolean), [...t.keys()].filter(Boolean)).concat('')) {
    const block = mergeBlock(b.get(name), m.get(name), t.get(name));
    if (block === 'conflict') return conflict;
    if (block) merged.push(block);
  }
  const content = printEnv(merged);
  return keepsLines(base.split('\n'), mine.split('\n'), content.split('\n')) ? clean(content) : conflict;
}

function mergeBlock(b?: EnvBlock, m?: EnvBlock, t?: EnvBlock): EnvBlock | 'conflict' | undefined {
  if (!m) return b ? undefined : t;
  const [base, mine, theirs] = [b, m, t].map((block) => block?.lines.join('\n'));
  if (!t) return base === mine ? undefined : m;
  if (mine === theirs || base === theirs) return m;
  if (base === mine) return t;
  const outcome = mergeText(base ?? '', mine ?? '', theirs ?? '');
  return outcome.clean ? { name: m.name, lines: outcome.content.split('\n') } : 'conflict';
}
