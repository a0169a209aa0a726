/** For what need not be there: `readFile(path).catch(absent)`. @throws every other error */
export const absent = (error: NodeJS.ErrnoException): undefined => {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
};
