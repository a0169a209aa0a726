create table charges (
  key text primary key,
  order_id text,
  cents integer,
  refunded boolean not null default false
);
