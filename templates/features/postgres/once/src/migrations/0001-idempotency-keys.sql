-- One row for each request that came with an Idempotency-Key. Without a status the request is at work, until the lock
-- runs out; then its process has died and somebody else may do it.
create table idempotency_keys (
  scope text not null,
  key text not null,
  fingerprint text not null,
  owner uuid not null,
  locked_until timestamptz not null,
  expires_at timestamptz not null,
  status smallint,
  headers jsonb,
  body bytea,
  primary key (scope, key)
);

create index idempotency_keys_expires_at on idempotency_keys (expires_at);
