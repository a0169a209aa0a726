import { styleText } from 'node:util';
import type { Output } from '../../ports.ts';

type Format = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** Colours text for one output, or leaves it plain where colour is not welcome there. */
export const painter =
  (output: Output) =>
  (format: Format, text: string): string =>
    // `output.color` has decided; newer Node would look at stdout once more, whatever the output is.
    output.color ? styleText(format, text, { validateStream: false }) : text;
