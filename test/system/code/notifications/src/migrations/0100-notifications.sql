create table notifications (
  order_id text not null,
  told_at timestamptz not null default now()
);
