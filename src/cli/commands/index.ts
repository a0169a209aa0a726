import type { Command } from '../command.ts';
import addFeature from './add-feature.ts';
import { addInstanceCommands } from './add-instance.ts';
import checkCluster from './check-cluster.ts';
import explain from './explain.ts';
import list from './list.ts';
import newService from './new.ts';
import update from './update.ts';

/** What `create-microservice` does without further words. */
export const newCommand: Command = newService;

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  newService,
  addFeature,
  ...addInstanceCommands,
  update,
  list,
  checkCluster,
  explain,
];
