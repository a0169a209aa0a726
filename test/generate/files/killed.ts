// Does one thing to disk and kills itself, as kill -9 does, before its n-th step. Prints how many steps there were.
import { applyPlan } from '../../../src/generate/files/apply-plan.ts';
import { createProject } from '../../../src/generate/files/create-project.ts';
import { recover } from '../../../src/generate/files/recover.ts';
import { newPlan, sharedPlan, updatePlan } from '../support/scenario.ts';

const [job, target = '', killAt = '-1', cwd] = process.argv.slice(2);

let steps = 0;
const onStep = (): void => {
  if (steps === Number(killAt)) process.kill(process.pid, 'SIGKILL');
  steps += 1;
};

if (job === 'create') await createProject(await newPlan(), target, { onStep, cwd });
if (job === 'create-shared') await createProject(await sharedPlan(), target, { onStep });
if (job === 'recover') await recover(target, onStep);
if (job === 'apply') {
  const { plan, project } = await updatePlan(target);
  await applyPlan(plan, project, { onStep });
}
console.log(steps);
