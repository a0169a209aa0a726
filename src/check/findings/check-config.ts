import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { UserError } from '../../errors.ts';
import { nearest } from '../../nearest.ts';
import type { Check } from '../checks/define/check.ts';
import { statusesOf } from '../checks/define/reasons.ts';
import type { WaiverRule } from './waivers.ts';

const known = ['check', 'reason', 'namespace', 'name', 'why', 'expires'] as const;
const example = 'waivers:\n  - check: health-checks\n    name: legacy-*\n    why: replaced in March';

/** Reasons of findings that count: what is no fault needs nobody's consent. */
const waivable = ({ reasons }: Pick<Check, 'reasons'>): string[] =>
  Object.entries(reasons)
    .filter(([, reason]) => statusesOf(reason).some((status) => ['warn', 'fail', 'unknown'].includes(status)))
    .map(([code]) => code);

/**
 * Reads `.msvc/check.yaml`: what somebody accepted, and why.
 *
 * @throws UserError (exit 2) that names file and line
 */
export function parseCheckConfig(
  text: string,
  file: string,
  checks: readonly Pick<Check, 'id' | 'reasons'>[],
): WaiverRule[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const wrong = (at: number | undefined, what: string, fix: string): UserError =>
    new UserError({
      code: 'CHECK_CONFIG',
      what: `${file}:${at === undefined ? 1 : lines.linePos(at).line}: ${what}`,
      why: 'The file says which findings are accepted, so nothing in it may be guessed at.',
      fix,
    });
  const [error] = document.errors;
  if (error) throw wrong(error.pos[0], error.message.split('\n')[0] ?? 'not YAML', 'Correct the YAML.');
  const root = document.contents;
  if (root === null) return [];
  const start = (node: unknown): number | undefined => (node as Node | null)?.range?.[0];
  if (!isMap(root)) throw wrong(start(root), 'it must be a map with the key waivers', `For example:\n${example}`);
  for (const { key } of root.items)
    if (String(key) !== 'waivers')
      throw wrong(start(key), `the key ${JSON.stringify(String(key))} is not known`, 'The only key is waivers.');
  const entries = root.get('waivers', true);
  if (entries === undefined) return [];
  if (!isSeq(entries)) throw wrong(start(entries), 'waivers must be a list', `For example:\n${example}`);

  return entries.items.map((entry): WaiverRule => {
    if (!isMap(entry)) throw wrong(start(entry), 'a waiver must be a map', `For example:\n${example}`);
    const values: Partial<Record<(typeof known)[number], string>> = {};
    for (const { key, value } of entry.items) {
      const name = known.find((candidate) => candidate === String(key));
      if (!name)
        throw wrong(
          start(key),
          `the key ${JSON.stringify(String(key))} is not known`,
          `Known are ${known.join(', ')}.`,
        );
      if (!isScalar(value) || value.value === null || value.value === '')
        throw wrong(start(value) ?? start(key), `${name} must be a text`, `Give ${name} a value, or leave it out.`);
      // A date that YAML understood as one would lose its form.
      values[name] = typeof value.source === 'string' ? value.source : String(value.value);
    }
    const { check, why, expires } = values;
    const judged = checks.find(({ id }) => id === check);
    if (!check || !judged) {
      const ids = checks.map(({ id }) => id);
      const near = check && nearest(check, ids);
      throw wrong(
        start(check ? entry.get('check', true) : entry),
        check ? `there is no check ${JSON.stringify(check)}` : 'check is missing',
        near ? `Did you mean ${near}?` : `The checks are ${ids.join(', ')}.`,
      );
    }
    if (!why?.trim())
      throw wrong(start(entry), 'why is missing', 'Say why this is accepted: the next reader will ask.');
    if (expires !== undefined && (!/^\d{4}-\d{2}-\d{2}$/.test(expires) || Number.isNaN(Date.parse(expires))))
      throw wrong(
        start(entry.get('expires', true)),
        `expires ${JSON.stringify(expires)} is no date`,
        'Write it as 2026-12-31.',
      );
    const { reason, namespace, name } = values;
    if (reason !== undefined && !waivable(judged).includes(reason)) {
      const near = nearest(reason, waivable(judged));
      throw wrong(
        start(entry.get('reason', true)),
        Object.hasOwn(judged.reasons, reason)
          ? `${reason} of ${check} is nothing that could be waived: ${judged.reasons[reason]?.title}`
          : `${check} has no reason ${JSON.stringify(reason)}`,
        near ? `Did you mean ${near}?` : `msvc explain ${check} lists its reasons.`,
      );
    }
    return {
      check,
      why: why.trim(),
      source: `${file}:${lines.linePos(start(entry) ?? 0).line}`,
      ...(reason ? { reason } : {}),
      ...(namespace ? { namespace } : {}),
      ...(name ? { name } : {}),
      ...(expires ? { expires } : {}),
    };
  });
}
