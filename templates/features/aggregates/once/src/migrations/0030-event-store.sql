-- The order of all events is their position, a number from a counter. Numbers are taken before the commit, and transactions
-- commit in any order: a reader that went on after the highest number it sees would pass one that commits a moment later.
-- So a transaction announces itself before it takes its first number, by a shared lock whose name holds the counter as it
-- was; the database keeps the lock until the transaction has ended, however it ends.
--
-- A reader looks at the counter first, then at the locks. Whoever had taken a number up to that counter had announced it
-- before: its transaction either still holds a lock with a lower number, or has ended, and the reader's next statement
-- sees what it has committed. So everything up to the lowest of these numbers is settled.
--
-- Only transactions that append hold readers back. Ids of transactions (pg_snapshot_xmin) would need no locks, but would
-- wait for every open transaction that has written anything, in any database of the server.
create sequence event_counter;

create function next_position() returns bigint language plpgsql as $$
begin
  -- Local to the transaction, and undone together with the lock where a savepoint is.
  if coalesce(current_setting('events.announced', true), '') = '' then
    -- The name of the lock: 16 bits that say whose it is, 48 bits of the counter.
    perform pg_advisory_xact_lock_shared((17750::bigint << 48) + coalesce(pg_sequence_last_value('event_counter'), 0));
    perform set_config('events.announced', 'yes', true);
  end if;
  return nextval('event_counter');
end $$;

-- The position up to which nothing can be added any more, for whoever reads in a later statement.
create function settled_position() returns bigint language plpgsql as $$
declare
  counter bigint := coalesce(pg_sequence_last_value('event_counter'), 0);
begin
  -- A lock by one number of 64 bits: https://www.postgresql.org/docs/current/view-pg-locks.html
  return least(counter, (
    select min(((classid::bigint & 65535) << 32) + objid::bigint) from pg_locks
    where locktype = 'advisory' and objsubid = 1 and classid::bigint >> 16 = 17750
      and database = (select oid from pg_database where datname = current_database())));
end $$;

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
  position bigint not null unique default next_position(),
  primary key (aggregate, aggregate_id, version)
);

-- How far each projection has read.
create table projections (
  name text primary key,
  position bigint not null default 0
);
