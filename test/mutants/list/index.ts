import type { Mutant } from '../mutant.ts';
import { auth } from './auth.ts';
import { data } from './data.ts';
import { httpClient } from './http-client.ts';
import { requests } from './requests.ts';

export const mutants: readonly Mutant[] = [...httpClient, ...auth, ...requests, ...data];
