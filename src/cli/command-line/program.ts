import type { Command } from '../command.ts';

export interface Program {
  /** What the person typed to start us: `msvc` or `create-microservice`. */
  bin: string;
  version: string;
  commands: readonly Command[];
  /** Set where the bin is one command and not a list of them. */
  only?: Command;
}
