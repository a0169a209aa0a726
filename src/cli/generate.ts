// Everything a generating command needs, as one module: loaded on demand in one piece. One import for each part would
// split the bundle into twenty small files, and each costs every start about half a millisecond.
export { withFeature, withInstance } from '../generate/inputs/change-record.ts';
export { findFeature } from '../generate/inputs/features.ts';
export { changeService } from './change-service.ts';
export { newPlatform } from './new-platform.ts';
export { newService } from './new-service.ts';
export { noName } from './no-name.ts';
export { askAnswers, askName, givenAnswers } from './questions.ts';
