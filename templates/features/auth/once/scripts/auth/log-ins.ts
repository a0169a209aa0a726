import type { LogIns } from './provider.ts';

/** Nobody logs in here: callers bring their tokens. */
export const findLogIns = async (_env: Readonly<NodeJS.ProcessEnv>): Promise<LogIns | undefined> => undefined;
