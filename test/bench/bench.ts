/** One line of a benchmark's table. Ratios, because absolute times say more about the machine than about the code. */
export interface Row {
  what: string;
  /** "1.42 ×", "212 MB": as printed. */
  result: string;
  /** "≤ 1.5 ×"; absent where the figure only informs. */
  target?: string;
  met?: boolean;
}

export interface Bench {
  /** kebab-case; the file's name, and the argument of `npm run bench`. */
  id: string;
  title: string;
  /** The tool runs on the Node that is here; a service on the one that its image brings. */
  subject: 'tool' | 'service';
  /** How it was measured, one or two sentences for BENCHMARKS.md. */
  how: string;
  run(tell: (line: string) => void): Promise<Row[]>;
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? (sorted[middle] ?? Number.NaN) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
};

/** A row for "ours is at most `limit` times theirs". `ratios` are of pairs measured one after the other. */
export function atMost(what: string, limit: number, ratios: readonly number[]): Row {
  const ratio = median(ratios);
  return { what, result: `${ratio.toFixed(2)} ×`, target: `≤ ${limit} ×`, met: ratio <= limit };
}

/** Calls that ended without an answer, and of how many. */
export interface Lost {
  lost: number;
  of: number;
}

/** What ours and another lost in the same time; `isLimit` where ours may lose nothing. */
export function lostRows(rival: string, what: string, lost: Record<'ours' | 'theirs', Lost>, isLimit: boolean): Row[] {
  const row = ({ lost, of }: Lost) => `${lost} of ${of.toLocaleString('en')}`;
  return [
    { what, result: row(lost.ours), ...(isLimit && { target: '0', met: lost.ours.lost === 0 }) },
    { what: `… by ${rival}`, result: row(lost.theirs) },
  ];
}
