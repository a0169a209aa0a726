-- An event that the broker will never take (too large for its stream) is parked: it stands in nobody's way until a person
-- has it sent again or drops it (`npm run outbox`).
alter table outbox add column parked_at timestamptz, add column reason text;
create index outbox_waiting on outbox (id) where parked_at is null;
create index outbox_parked on outbox (key) where parked_at is not null;

-- A key that has had no event for a long time is forgotten; a date, so that its index rarely changes.
alter table outbox_keys add column used_on date not null default current_date;
create index outbox_keys_used_on on outbox_keys (used_on);
alter table inbox_keys add column used_on date not null default current_date;
create index inbox_keys_used_on on inbox_keys (used_on);

-- The number that the first event of a key gets: above those of all keys that were forgotten.
create sequence outbox_first_sequence;
