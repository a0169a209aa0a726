-- What happens for every event stands in functions: these keep their plans, and planning took longer than the work. A
-- replica of before works beside one of after; a change of what a function means is a function with another name.

-- Puts an event with a key into the outbox, with its number among those of its key. Who publishes the same key waits here
-- until we commit. A key that is new, or was forgotten, begins above all that were forgotten, so that a reader who still
-- knows it sees no number again. The headers are those of cloud-event.ts.
create function add_to_outbox(new_id text, of_subject text, of_key text, with_headers jsonb, with_data text)
returns void language plpgsql as $$
declare
  place bigint;
  before bigint;
begin
  insert into outbox_keys as known (subject, key, last_sequence)
  select of_subject, of_key, last_value + is_called::int from outbox_first_sequence
  on conflict (subject, key) do update set last_sequence = known.last_sequence + 1, used_on = current_date
  returning last_sequence, case when xmax = 0 then 0 else last_sequence - 1 end into place, before;
  insert into outbox (event_id, subject, key, headers, data)
  values (new_id, of_subject, of_key,
          with_headers || jsonb_build_object('ce-sequence', place::text, 'ce-follows', before::text), with_data);
end $$;

-- Whether it is the turn of the event with this number of its key; then it is taken. The row of the key stays locked until
-- the transaction ends, so another replica that has the next event of the key waits for this one.
create function take_turn(of_consumer text, of_key text, number bigint, follows bigint, may_follow_gap boolean)
returns boolean language plpgsql as $$
begin
  insert into inbox_keys as known (consumer, key, last_sequence)
  select of_consumer, of_key, number
  where may_follow_gap or follows = 0
     or exists (select 1 from inbox_keys where consumer = of_consumer and key = of_key)
  on conflict (consumer, key) do update
    set last_sequence = greatest(known.last_sequence, excluded.last_sequence), used_on = current_date
  where may_follow_gap or known.last_sequence >= follows;
  return found;
end $$;

-- What an event is that arrives at a consumer: early, first or duplicate. Without a key, or a number, it has no turn.
create function arrive(
  at_consumer text, new_id text, of_key text, number bigint, follows bigint, may_follow_gap boolean
)
returns text language plpgsql as $$
begin
  if of_key is not null and number is not null
     and not take_turn(at_consumer, of_key, number, follows, may_follow_gap) then
    return 'early';
  end if;
  insert into inbox (consumer, event_id) values (at_consumer, new_id) on conflict do nothing;
  return case when found then 'first' else 'duplicate' end;
end $$;
