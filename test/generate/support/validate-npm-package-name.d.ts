// The library has no types of its own.
declare module 'validate-npm-package-name' {
  const validate: (name: string) => { validForNewPackages: boolean };
  export default validate;
}
