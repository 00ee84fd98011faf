-- find_checkpoint: the signed checkpoint of a size, or the last one.
-- $1 int8 size or null
-- columns: size int8, root bytea, note text, signed_at timestamptz
-- role: api
select size, root, note, signed_at
from audit.checkpoints
where size = coalesce($1::int8, (select max(size) from audit.checkpoints))
