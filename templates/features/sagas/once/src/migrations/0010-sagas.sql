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

-- Steps that this service did itself, in its own database: each key once, and one that was undone never again.
create table saga_local_steps (
  key text primary key,
  saga_id text not null,
  result jsonb,
  undone boolean not null default false
);
create index saga_local_steps_saga_id on saga_local_steps (saga_id);
