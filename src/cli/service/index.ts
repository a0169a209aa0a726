// Everything a generating command needs, as one module: loaded on demand in one piece. One import for each part would
// split the bundle into twenty small files, and each costs every start about half a millisecond.
export { takenBy, withContract, withFeature, withInstance } from '../../generate/inputs/change-record.ts';
export { findFeature } from '../../generate/inputs/features.ts';
export { withoutFeature, withoutInstance } from '../../generate/inputs/remove.ts';
export { checkRoute } from '../../generate/inputs/route.ts';
export { withAnswer } from '../../generate/inputs/set-answer.ts';
export { withoutRoutesTo, withRoute } from '../../generate/plan/with-route.ts';
export { askFeature, chooseFeature } from '../commands/add-feature/ask.ts';
export { askInstance } from '../commands/add-instance/ask.ts';
export { askRoute } from '../commands/add-route/ask.ts';
export { newPlatform } from '../commands/new/platform.ts';
export { newService } from '../commands/new/service.ts';
export { changeService } from './change.ts';
export { givenContract } from './contracts.ts';
export { noName } from './missing-name.ts';
export { givenAnswers } from './questions.ts';
export { resolveMerge } from './resolve-merge.ts';
