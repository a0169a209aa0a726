-- Events that were committed with a change and wait to be published.
create table outbox (
  id bigint generated always as identity primary key,
  event_id text not null,
  subject text not null,
  key text,
  headers jsonb not null,
  data text not null,
  created_at timestamptz not null default now()
);

-- How many events a key has had. Its row also makes publishers of one key take turns, so that ids follow the commits.
create table outbox_keys (
  subject text not null,
  key text not null,
  last_sequence bigint not null,
  primary key (subject, key)
);

-- Ids that the caller chose (the step of a saga): published once, however often the step runs.
create table outbox_ids (
  event_id text primary key,
  created_at timestamptz not null default now()
);
create index outbox_ids_created_at on outbox_ids (created_at);
