create table stock (
  sku text primary key,
  quantity integer not null check (quantity >= 0)
);

insert into stock (sku, quantity) values ('book', 1000000), ('sold-out', 0);

create table reservations (
  key text primary key,
  order_id text,
  sku text,
  quantity integer,
  released boolean not null default false
);
