import { describe, expect, test } from 'vitest';
import { programsOf, type Worth, worthOfCommand } from '../../src/check/checks/health-checks/command.ts';
import { redactCommand } from '../../src/check/sources/recording/redact-command.ts';

const sh = (script: string): string[] => ['sh', '-c', script];
const mark = (text: string): string => `redacted_${Buffer.from(text).toString('hex').slice(-12)}`;

const commands: readonly (readonly [string[], Worth])[] = [
  [sh('true'), 'nothing'],
  [sh('exit 0'), 'nothing'],
  [['true'], 'nothing'],
  [['cat', '/proc/1/status'], 'nothing'],
  [['cat', '/tmp/alive'], 'marker'],
  [sh('test $(( $(date +%s) - $(stat -c %Y /tmp/beat) )) -lt 120'), 'tests'],
  [['cat', '/run/indexer/started-and-taking-jobs'], 'marker'],
  [sh('[ "$(curl -sf localhost:7433/alive)" = ok ]'), 'tests'],
  [sh('[ "$(redis-cli -h 127.0.0.1 ping)" = "PONG" ]'), 'tests'],
  [sh('test "$(redis-cli ping)" = PONG'), 'tests'],
  [sh('ps aux | grep "[t]humbs-worker"'), 'nothing'],
  [sh('find /tmp/beat.stamp -mmin -2 | grep -q .'), 'tests'],
  [sh('find /tmp/beat.stamp -mmin -2'), 'marker'],
  [sh('test -n "$(find /tmp/beat -mmin -1)"'), 'tests'],
  [['timeout', '5', 'cat', '/tmp/beat.stamp'], 'marker'],
  [sh('wget -qO- localhost:8080/ready || exit 1'), 'tests'],
  [['podcli', 'check'], 'tests'],
  [sh('[ $(pgrep -c worker) -gt 0 ]'), 'nothing'],
  [sh('curl -s localhost | cat'), 'nothing'],
  [sh('curl -s localhost | tee /dev/null'), 'nothing'],
  [sh('curl -s localhost 2>&1 | head -1 | cut -c1-3'), 'nothing'],
  [sh('curl -sf localhost | grep -q ok'), 'tests'],
  [sh('set -o pipefail; curl -sf localhost | cat'), 'tests'],
  [['bash', '-eo', 'pipefail', '-c', 'curl -sf localhost | cat'], 'tests'],
  [sh('[ "$(curl -s localhost | head -1)" = ok ]'), 'tests'],
  [sh('test "$(ps aux | grep x | wc -l)" -gt 1'), 'nothing'],
  [sh('pgrep -f worker || exit 1'), 'nothing'],
  [sh('kill -0 $(cat /run/app.pid)'), 'nothing'],
  [sh('if pgrep -f worker; then exit 0; else exit 1; fi'), 'nothing'],
  [sh('if [ -f /tmp/ready ]; then exit 0; fi; exit 1'), 'marker'],
  [sh('now=$(date +%s); last=$(stat -c %Y /tmp/beat); [ $((now-last)) -lt 60 ]'), 'tests'],
  [sh('curl -f localhost || true'), 'nothing'],
  [sh('curl -f localhost; exit 0'), 'nothing'],
  [sh('curl -f localhost || exit 1; exit 0'), 'tests'],
  [sh('curl -f localhost && exit 0 || exit 1'), 'tests'],
  [sh('set -e; pg_isready; echo ok'), 'tests'],
  [['bash', '-c', '</dev/tcp/127.0.0.1/8080'], 'port'],
  [['timeout', '2', 'bash', '-c', 'exec 3<>/dev/tcp/localhost/8080'], 'port'],
  [['nc', '-z', 'localhost', '8080'], 'port'],
  [sh('nc -zv localhost 8080'), 'port'],
  [sh('echo ruok | nc localhost 2181 | grep imok'), 'tests'],
  [sh('netstat -an | grep LISTEN'), 'port'],
  [sh('PGPASSWORD=hunter2 pg_isready -U it'), 'tests'],
  [['env', 'PGPASSWORD=hunter2', 'pg_isready'], 'tests'],
  [['test', '-f', '/tmp/healthy'], 'marker'],
  [sh('[ -f /tmp/healthy ]'), 'marker'],
  [sh('[[ -f /a && -s /b ]]'), 'marker'],
  [sh('[[ -f /tmp/a && $(curl x) == y ]]'), 'tests'],
  [sh('[ /tmp/beat -nt /tmp/ref ]'), 'tests'],
  [sh('[ -f /tmp/x ] && date'), 'marker'],
  [sh('read last < /tmp/beat; test $(( $(date +%s) - last )) -lt 30'), 'tests'],
  [sh('test `redis-cli ping` = PONG'), 'tests'],
  [sh('for i in 1 2 3; do curl -sf localhost && exit 0; sleep 1; done; exit 1'), 'tests'],
  [sh('grep -q ok /tmp/status'), 'marker'],
  [sh('[ "$(cat /tmp/status)" = ok ]'), 'marker'],
  [['node', 'healthcheck.js'], 'tests'],
  [['node', '--version'], 'nothing'],
  [['/bin/sh', '/check.sh'], 'tests'],
  [['sh', '-c'], 'nothing'],
  [[], 'nothing'],
  [sh('{ curl -f x || { echo no; exit 1; }; }'), 'tests'],
  [sh('(curl -f x)'), 'tests'],
  [sh('case x in x) true;; esac'), 'tests'],
  [sh('[ 1 -eq 1 ]'), 'nothing'],
  [sh('[ -n "$HOME" ]'), 'nothing'],
  [sh('[ "$(date +%s)" -gt 0 ]'), 'nothing'],
  [sh('awk -v n=$(date +%s) "{ exit !(n-\\$1<60) }" /tmp/beat'), 'tests'],
  [sh('cat /tmp/x 2>/dev/null | grep -q ok # password hunter2'), 'marker'],
  [sh('ls /tmp/ready'), 'nothing'],
  [sh('stat /tmp/ready > /dev/null'), 'marker'],
  [sh('curl -s localhost/health | grep -q UP'), 'tests'],
  [sh('ps aux | grep worker | grep -v grep'), 'nothing'],
  [sh('exit $(curl -s x)'), 'nothing'],
  [sh('pgrep x > /dev/null && echo ok'), 'nothing'],
  [sh('! pgrep x'), 'nothing'],
  [sh('(( $(date +%s) - $(cat /tmp/hb) < 60 ))'), 'tests'],
  [sh('AGE=$(($(date +%s) - $(date -r /tmp/hb +%s))); [ $AGE -lt 60 ]'), 'tests'],
  [sh('celery -A app inspect ping -d celery@$HOSTNAME'), 'tests'],
  [sh('pgrep -f a | xargs kill -0'), 'nothing'],
  [sh('/bin/true'), 'nothing'],
  [sh('sleep 1 && true'), 'nothing'],
  [sh('[ -e /tmp/x ] || exit 1'), 'marker'],
  [['cat', '/var/run/secrets/kubernetes.io/serviceaccount/token'], 'nothing'],
  [['cat', '/tmp/healthy', '/tmp/live'], 'marker'],
  [sh('x=$(curl -s localhost); [ "$x" = ok ]'), 'tests'],
  [sh('code=$(curl -s -o /dev/null -w "%{http_code}" localhost); if [ "$code" != 200 ]; then exit 1; fi'), 'tests'],
  [['cat', '/dev/shm/alive'], 'marker'],
];

describe('what a command of a probe proves', () => {
  test.each(commands)('%j', (command, worth) => {
    expect(worthOfCommand(command)).toBe(worth);
    expect(worthOfCommand(redactCommand(command, mark)), 'of a recording').toBe(worth);
  });
});

test.each([
  [sh('[ "$(redis-cli -a hunter2 ping)" = PONG ]'), ['[', 'redis-cli']],
  [sh('PGPASSWORD=hunter2 pg_isready -U hunter2 || exit 1'), ['pg_isready', 'exit']],
  [['env', 'PGPASSWORD=hunter2', 'pg_isready'], ['pg_isready']],
  [
    ['timeout', '5', 'bash', '-c', 'curl -u it:hunter2 localhost | grep hunter2 # hunter2'],
    ['curl', 'grep'],
  ],
  [sh('for x in hunter2; do mysql -phunter2 -e "select 1" && exit 0; done'), ['mysql', 'exit']],
  [sh('echo $' + '{X:-hunter2} > /tmp/hunter2; cat <<< hunter2'), ['echo', 'cat']],
  [sh('case hunter2 in *) true;; esac'), ['sh']],
  [['curl', 'http://it:hunter2@localhost/?token=hunter2', '-H', 'Authorization: Bearer hunter2'], ['curl']],
])('of %j a report shows programs, and a recording no word of its own', (command, programs) => {
  expect(programsOf(command)).toEqual(programs);
  expect(redactCommand(command, mark).join(' ')).not.toContain('hunter2');
  expect(worthOfCommand(redactCommand(command, mark))).toBe(worthOfCommand(command));
});

test('a script without end is not taken apart', () => {
  expect(worthOfCommand(sh('$('.repeat(5000)))).toBe('tests');
  expect(worthOfCommand(sh(`${'$('.repeat(40)}true${')'.repeat(40)}`))).toBe('tests');
});
