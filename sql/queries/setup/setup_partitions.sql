-- setup_partitions: the days that the first hours need.
-- columns: made int4
-- role: setup
select app.ensure_partitions(current_date - 1, current_date + 7) as made
