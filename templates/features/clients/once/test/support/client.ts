import type { TestContext } from 'node:test';
import type { Dispatcher } from 'undici';
import { type ClientObserver, HttpClient } from '../../src/platform/http-client/http-client.ts';
import { openAgent } from '../../src/platform/http-client/open-agent.ts';
import { type ClientSettings, clientSettings } from '../../src/platform/http-client/settings.ts';
import type { TokenProvider } from '../../src/platform/http-client/token.ts';

export const readSettings = clientSettings('PEER', { url: 'http://peer' });

interface TestClient {
  http: HttpClient;
  /** Every change of the circuit, in order. */
  circuits: string[];
}

/** A client to `url`, with the usual settings except those given. */
export function startClient(
  t: TestContext,
  url: string,
  settings: Partial<ClientSettings> = {},
  token?: TokenProvider,
  openDispatcher: (settings: ClientSettings) => Dispatcher = openAgent,
): TestClient {
  const circuits: string[] = [];
  const observer: ClientObserver = {
    circuitChanged: (circuit) => circuits.push(circuit),
    retrying: () => {},
    finished: () => {},
  };
  const values = { ...readSettings({ PEER_URL: url }), ...settings };
  const http = new HttpClient({
    service: 'peer',
    settings: values,
    dispatcher: openDispatcher(values),
    observer,
    token,
  });
  t.after(() => http.close());
  return { http, circuits };
}
