import type { Mutant } from '../mutant.ts';
import { auth } from './auth.ts';
import { data } from './data.ts';
import { events } from './events.ts';
import { httpClient } from './http-client.ts';
import { requests } from './requests.ts';
import { sagas } from './sagas.ts';

export const mutants: readonly Mutant[] = [...httpClient, ...auth, ...requests, ...data, ...events, ...sagas];
