-- A process that ends in good order says so: that its sagas go on elsewhere counts as no takeover.
alter table saga_leases add column released boolean not null default false;
