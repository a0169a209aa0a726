-- Events that a consumer has handled. The row is written in the transaction of the effect.
create table inbox (
  consumer text not null,
  event_id text not null,
  handled_at timestamptz not null default now(),
  primary key (consumer, event_id)
);
create index inbox_handled_at on inbox (handled_at);

-- How far a consumer has come with the events of one key.
create table inbox_keys (
  consumer text not null,
  key text not null,
  last_sequence bigint not null,
  primary key (consumer, key)
);

-- Events that did not work at once.
create table inbox_attempts (
  consumer text not null,
  event_id text not null,
  retries integer not null default 0,
  last_error text,
  since timestamptz not null default now(),
  primary key (consumer, event_id)
);
