-- The version in which an event was written. What was there before is of version 1.
alter table domain_events add column event_version integer not null default 1;

-- The state of an aggregate after so many events: made from them, and made again where `shape` is another.
create table aggregate_snapshots (
  aggregate text not null,
  aggregate_id text not null,
  version integer not null,
  shape text not null,
  state jsonb not null,
  primary key (aggregate, aggregate_id)
);
