-- Everything that happened to aggregates, never changed. The primary key is the expected version: of any number of
-- appends to one version, one wins.
create table domain_events (
  aggregate text not null,
  aggregate_id text not null,
  version integer not null,
  type text not null,
  data jsonb not null,
  timestamp timestamptz not null default now(),
  command_id text,
  correlation_id text,
  -- The order for readers of all aggregates: see src/platform/event-store/order.ts.
  position bigint generated always as identity (sequence name domain_events_counter),
  primary key (aggregate, aggregate_id, version)
);
create unique index domain_events_order on domain_events (position);

-- How far each projection has read.
create table projections (
  name text primary key,
  position bigint not null default 0
);
