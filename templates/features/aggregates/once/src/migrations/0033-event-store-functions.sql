-- What every command asks stands in functions: these keep their plans, and planning took longer than the work. A replica
-- of before works beside one of after; a change of what a function means is a function with another name.

-- The snapshot of this shape, where there is one (its type is null), and the events after it, in order. One statement:
-- what the snapshot leaves out is what the second half reads, whoever writes in between.
create function aggregate_history(of_aggregate text, of_id text, of_shape text)
returns table (version integer, type text, event_version integer, data jsonb, "timestamp" timestamptz, command_id text)
stable language plpgsql as $$
#variable_conflict use_column
begin
  return query
    with snapshot as (
      select version, state from aggregate_snapshots
      where aggregate = of_aggregate and aggregate_id = of_id and shape = of_shape)
    select version, null::text, null::integer, state, null::timestamptz, null::text from snapshot
    union all
    select version, type, event_version, data, timestamp, command_id
    from domain_events
    where aggregate = of_aggregate and aggregate_id = of_id
      and version > coalesce((select version from snapshot), 0)
    order by 1;
end $$;

-- Appends where the aggregate is at this version, and returns what was stored: nothing, or less, where it is not. A version
-- that does not follow the last one is as good as a conflict: versions have no gaps.
create function append_events(
  to_aggregate text, to_id text, expected integer,
  types text[], all_data jsonb[], versions integer[], of_command text, correlation text
)
returns setof domain_events language plpgsql as $$
begin
  return query
    insert into domain_events as known
      (aggregate, aggregate_id, version, type, event_version, data, command_id, correlation_id)
    select to_aggregate, to_id, expected + number, event.type, event.event_version, event.data, of_command, correlation
    from unnest(types, all_data, versions) with ordinality as event (type, data, event_version, number)
    where expected = 0
       or exists (select 1 from domain_events
                  where aggregate = to_aggregate and aggregate_id = to_id and version = expected)
    on conflict do nothing
    returning known.*;
end $$;
