create table orders (
  id uuid primary key,
  -- The order in which they came: a time alone does not tell two of them apart.
  position bigint generated always as identity unique,
  customer_id text not null,
  items jsonb not null,
  status text not null,
  placed_at timestamptz not null
);
