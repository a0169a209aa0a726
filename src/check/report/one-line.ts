import { harmless } from '../../harmless.ts';

/** Text from a cluster on one line: nothing in it moves the cursor, reorders the line or ends it. */
export const oneLine = (text: string): string => harmless(text).replace(/\s+/g, ' ').trim();
