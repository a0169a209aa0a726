-- One row a process: it lives as long as it renews its lease. The sagas of a dead one are taken over.
create table saga_leases (
  executor text primary key,
  version text not null,
  expires_at timestamptz not null
);

-- How often a saga was taken over from a dead process, and from which one last.
create table saga_takeovers (
  saga_id text primary key,
  takeovers integer not null,
  taken_from text not null,
  taken_at timestamptz not null
);
