import type { Facts } from './facts.ts';
import type { Component } from './graph/components.ts';

/** Its objects are files, in which a pipeline may fill in what is left open. */
export const isWritten = ({ source }: Pick<Facts, 'source'>): boolean =>
  source.kind === 'manifests' || source.kind === 'repository';

/** It is to be applied: what a controller makes of it (pods, addresses, a status) is not there to be seen. */
export const isPlanned = ({ services, workloads }: Component, facts: Facts): boolean =>
  services.some(facts.isPlanned) || workloads.some(({ object }) => facts.isPlanned(object));
