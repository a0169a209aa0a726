import { lineByLine } from '../configuration/file-addresses.ts';
import { groupsOf } from '../configuration/file-entries.ts';
import { memoize } from '../memoize.ts';
import { type Maker, offMakerOf } from './tracing-switches.ts';

/** Something in a file that would switch tracing off, if the program takes it from there. */
export interface FileSwitch {
  maker: Maker;
  /** As a variable's name, as far as the file says it. */
  name: string;
  value: string;
}

/** A file of this size is data. */
const largest = 256 * 1024;
/** Levels above the two that are read: `otel: { sdk: { disabled: true } }`. */
const above = ['', 'OTEL_', 'MANAGEMENT_', 'SPRING_', 'QUARKUS_OTEL_'];
/** One of them stands in every switch. */
const mayHold = /disable|enable|exporter|sampler|active|recording|instrument|monitor_mode/i;

/** Switches in a mounted file. Which file wins over which, and over a default, is the program's: they prove nothing. */
export const switchesInFile = memoize((text): readonly FileSwitch[] => {
  if (text.length > largest || !mayHold.test(text)) return [];
  return groupsOf(lineByLine(text).split('\n')).flatMap((group) =>
    [...group].flatMap(([name, value]): FileSwitch[] => {
      const maker = above.map((level) => offMakerOf(`${level}${name}`, value)).find(Boolean);
      return maker ? [{ maker, name, value }] : [];
    }),
  );
});
