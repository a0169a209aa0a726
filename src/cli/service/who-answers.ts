import type { Ask, Ports } from '../../ports.ts';
import type { Flags } from '../command.ts';

/** Whom to ask, if anybody: any option is a decision to be run without questions; the name alone is none. */
export const askUnlessDecided = ({ name: _, ...options }: Flags, { ask }: Ports): Ask | undefined =>
  Object.keys(options).length === 0 ? ask : undefined;
