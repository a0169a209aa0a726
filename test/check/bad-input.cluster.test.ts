import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createWebServer } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { readCluster } from '../../src/check/sources/cluster/cluster.ts';
import { runCommandLine } from '../../src/cli/main.ts';
import { freePort } from '../../templates/features/servers/once/scripts/free-port.ts';
import { testPorts } from '../cli/support/test-ports.ts';
import { identity, kubeconfigFile } from '../cluster/identities.ts';
import { adminKubeconfig } from '../cluster/kubeconfig.ts';
import { until } from '../cluster/until.ts';
import { describeCluster } from '../cluster/use-cluster.ts';

/** A server of 127.0.0.1 on a port that the system chose, until the end of the suite. */
async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

describeCluster('what cannot be meant or done', ({ api, kubeconfig, namespace, drop }) => {
  const folder = mkdtempSync(join(tmpdir(), 'msvc-bad-input-'));
  const servers: Server[] = [];
  let mine = '';

  beforeAll(async () => {
    mine = await namespace();
  });
  afterAll(async () => {
    for (const server of servers) server.close();
    rmSync(folder, { recursive: true });
    await drop(mine);
  });

  const run = async (args: readonly string[], { env = { KUBECONFIG: kubeconfig }, cwd = folder } = {}) => {
    const ports = testPorts({ cwd, env });
    const exitCode = await runCommandLine('msvc', ['check-cluster', ...args], ports);
    const [, code, what] = /^error (\S+): (.*)$/m.exec(ports.stderr.text) ?? [];
    return { exitCode, code, what, stderr: ports.stderr.text };
  };
  const withConfig = async (text: string, args: readonly string[] = []) =>
    run(args, { env: { KUBECONFIG: kubeconfigFile(text) } });
  const changed = (change: object, extra = {}) => adminKubeconfig({ ...api.access, ...change }, extra);

  it.each([
    [['-n', 'nowhere-at-all'], 2, 'UNKNOWN_NAMESPACE', 'There is no namespace "nowhere-at-all"'],
    [['--context', 'nowhere'], 2, 'UNKNOWN_CONTEXT', 'There is no context "nowhere"'],
    [['--kubeconfig', 'nowhere.yaml'], 2, 'NO_KUBECONFIG', 'There is no kubeconfig at '],
    [['--only', 'helth-checks'], 2, 'UNKNOWN_CHECK', 'There is no check "helth-checks"'],
    [['--skip', 'everything'], 2, 'UNKNOWN_CHECK', 'There is no check "everything"'],
    [['-n', 'Shop'], 2, 'NAMESPACES', '"Shop" cannot be a namespace'],
    [['-n', 'shop', '-A'], 2, 'NAMESPACES', '-n and -A exclude one another'],
    [['-l', 'a in (b)'], 2, 'SELECTOR', '"a in (b)" is no label selector'],
    [['-o', 'xml'], 2, 'OUTPUT', '"xml" is no output'],
    [['-o', 'json', '-o', 'markdown'], 2, 'OUTPUT', 'Two outputs would share stdout'],
    [['--min-coverage', '101'], 2, 'MIN_COVERAGE', '"101" is no share'],
    [['--from', 'nowhere'], 2, 'NO_MANIFESTS', 'nowhere holds nothing to judge'],
  ] as const)('%j', async (args, exitCode, code, what) => {
    expect(await run(args)).toMatchObject({ exitCode, code, what: expect.stringContaining(what) });
  });

  it('a machine without any kubeconfig', async () => {
    const told = await run([], { env: { HOME: folder } as never });
    expect(told).toMatchObject({ exitCode: 2, code: 'NO_KUBECONFIG', what: 'There is no kubeconfig' });
    expect(told.stderr).toContain('--demo');
  });

  it('a kubeconfig that cannot be used', async () => {
    expect(await withConfig('clusters: [')).toMatchObject({ exitCode: 2, code: 'BROKEN_KUBECONFIG' });
    const config = parse(adminKubeconfig(api.access));
    const homeless = { ...config, clusters: [{ name: 'test', cluster: {} }] };
    expect(await withConfig(stringify(homeless))).toMatchObject({ exitCode: 2, code: 'BROKEN_KUBECONFIG' });
    expect(await withConfig(stringify({ ...config, 'current-context': '' }))).toMatchObject({
      exitCode: 2,
      code: 'UNKNOWN_CONTEXT',
      what: 'The kubeconfig names no current context',
    });
    const plugin = { apiVersion: 'client.authentication.k8s.io/v1', command: 'false', interactiveMode: 'Never' };
    const loggedOut = { ...config, users: [{ name: 'test', user: { exec: plugin } }] };
    expect(await withConfig(stringify(loggedOut))).toMatchObject({ exitCode: 4, code: 'NO_CREDENTIALS' });
  });

  it('credentials that are revoked, unknown or missing', async () => {
    const revoked = await identity(api, { namespace: mine, name: 'leaver' });
    await api.send('DELETE', `/api/v1/namespaces/${mine}/serviceaccounts/leaver`);
    const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token: revoked.token } };
    await until('the token to be refused', async () => {
      const { status } = await api.send('POST', '/apis/authentication.k8s.io/v1/tokenreviews', review);
      return !status.authenticated;
    });
    const expected = { exitCode: 4, code: 'CLUSTER_UNAUTHORIZED' };
    expect(await run([], { env: { KUBECONFIG: revoked.kubeconfig } })).toMatchObject(expected);
    expect(await withConfig(changed({ token: 'of another cluster' }))).toMatchObject(expected);
    expect(await withConfig(changed({ token: '' }))).toMatchObject(expected);
  });

  it('a certificate of somebody else', async () => {
    expect(await withConfig(changed({ ca: otherCertificate }))).toMatchObject({
      exitCode: 4,
      code: 'CLUSTER_UNTRUSTED',
      what: expect.stringContaining('cannot be trusted'),
    });
  });

  it('a server that is not there, and one that is something else', async () => {
    expect(await withConfig(changed({}, { server: `https://127.0.0.1:${await freePort()}` }))).toMatchObject({
      exitCode: 4,
      code: 'CLUSTER_UNREACHABLE',
      what: expect.stringContaining('cannot be reached'),
    });
    const website = createWebServer((_, answer) => answer.end('<html>Welcome</html>'));
    servers.push(website);
    const server = `http://127.0.0.1:${await listening(website)}`;
    expect(await withConfig(changed({}, { server }))).toMatchObject({
      exitCode: 4,
      code: 'CLUSTER_UNREADABLE',
      what: expect.stringContaining('does not answer as a Kubernetes API server'),
    });
  });

  it('a server that never answers', async () => {
    const silent = createServer(() => {});
    servers.push(silent);
    const text = changed({}, { server: `https://127.0.0.1:${await listening(silent)}` });
    const reading = readCluster({ kubeconfig: kubeconfigFile(text), idle: 300 }, testPorts());
    await expect(reading).rejects.toMatchObject({ exitCode: 4, code: 'CLUSTER_TIMEOUT' });
  });

  it('a broken configuration, with file and line', async () => {
    const cwd = join(folder, 'configured');
    mkdirSync(join(cwd, '.msvc'), { recursive: true });
    const configured = (text: string) => {
      writeFileSync(join(cwd, '.msvc', 'check.yaml'), text);
      return run(['-n', mine], { cwd, env: { KUBECONFIG: kubeconfig } });
    };
    const wrong = (what: string) => ({ exitCode: 2, code: 'CHECK_CONFIG', what: expect.stringContaining(what) });
    expect(await configured('waivers:\n  - check: health-checks\n    why: [')).toMatchObject(
      wrong('.msvc/check.yaml:3:'),
    );
    expect(await configured('waivers:\n  - check: helth\n    why: x')).toMatchObject(wrong('.msvc/check.yaml:2:'));
    expect(await configured('waivers:\n\n  - check: health-checks')).toMatchObject(wrong('.msvc/check.yaml:3:'));
    expect(await configured('waiver: []')).toMatchObject(wrong('.msvc/check.yaml:1:'));
  });

  it('a namespace with nothing in it is incomplete, not fine', async () => {
    expect(await run(['-n', mine])).toMatchObject({ exitCode: 3, code: undefined });
  });
});

/** Self-signed, of nobody: only there to be the wrong authority. */
const otherCertificate = `-----BEGIN CERTIFICATE-----
MIIBizCCATGgAwIBAgIUDYVoSHlNONGh2mH5q0PQZFo7iC4wCgYIKoZIzj0EAwIw
GjEYMBYGA1UEAwwPd3JvbmctYXV0aG9yaXR5MCAXDTI2MTEyMjE0MDIwMFoYDzIx
MjYxMDI5MTQwMjAwWjAaMRgwFgYDVQQDDA93cm9uZy1hdXRob3JpdHkwWTATBgcq
hkjOPQIBBggqhkjOPQMBBwNCAATBfrhKHvGa1hhz7Hphn2L/Nl3isja1U1DSuAzc
SLR9NbjeGlOVQaysj8hc3s2/zAHPf8s5xCtNs6bGoXm33rmeo1MwUTAdBgNVHQ4E
FgQUN7N6ltcoC+pvgucDODOBD13xEAIwHwYDVR0jBBgwFoAUN7N6ltcoC+pvgucD
ODOBD13xEAIwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiAVkzZt
qgI6mILdzgmuUzapOOzeHYmGOYL8E/Uj4OnIsgIhAP6o7CMOCC0Wyv4Qb2kIKiIG
abmjbBU/Dy4WJJbLihjX
-----END CERTIFICATE-----
`;
