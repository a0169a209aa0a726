/**
 * Raise it when sagas that are under way could not go on with the new code: a step was added, removed, renamed or moved,
 * or returns something else. A saga is finished by a process of the version that it was started with; until none is left,
 * keep a deployment of the old version. Sagas whose version no process has any more show in `/health` and in
 * `sagas list`.
 */
export const sagaVersion = '1';
