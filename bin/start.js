// Written for any Node that can load a module at all, and loads nothing before it has looked: an older one would stop at
// the first import with a stack that says nothing of versions.
const [major, minor] = process.versions.node.split('.').map(Number);

/** @param {'msvc' | 'create-microservice' | 'kubectl-msvc'} bin */
export function start(bin) {
  if (major > 20 || (major === 20 && minor >= 19)) return import('../dist/main.js').then(({ main }) => main(bin));
  process.stderr.write(
    `${bin} needs Node 20.19 or newer, and this is ${process.versions.node}: see https://nodejs.org\n`,
  );
  process.exitCode = 2;
}
