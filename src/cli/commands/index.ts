import type { Command } from '../command.ts';
import addFeature from './add-feature/command.ts';
import { addInstanceCommands } from './add-instance/command.ts';
import addRoute from './add-route/command.ts';
import check from './check/command.ts';
import checkCluster from './check-cluster/command.ts';
import completion from './completion/command.ts';
import diff from './diff/command.ts';
import explain from './explain/command.ts';
import list from './list/command.ts';
import newService from './new/command.ts';
import remove from './remove/command.ts';
import resolve from './resolve/command.ts';
import set from './set/command.ts';
import update from './update/command.ts';

/** What `create-microservice` does without further words. */
export const newCommand: Command = newService;

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  newService,
  addFeature,
  ...addInstanceCommands,
  addRoute,
  set,
  remove,
  resolve,
  update,
  list,
  check,
  checkCluster,
  diff,
  explain,
  completion,
];
