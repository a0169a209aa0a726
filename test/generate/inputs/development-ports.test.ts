import { expect, test } from 'vitest';
import { developmentPorts } from '../../../src/generate/inputs/development-ports.ts';

const names = Array.from({ length: 300 }, (_, index) => `service-${index}`);

test('no two of a service have the same port, and none that needs rights', () => {
  const ports = [...developmentPorts(names).values()];
  expect(new Set(ports).size).toBe(names.length);
  expect(Math.min(...ports)).toBeGreaterThan(3000);
});

test('a port follows from the name: another branch gives the same', () => {
  const [one, other] = [developmentPorts(['payments']), developmentPorts(['inventory', 'payments'])];
  expect(other.get('payments')).toBe(one.get('payments'));
  expect(other.get('inventory')).not.toBe(other.get('payments'));
});
