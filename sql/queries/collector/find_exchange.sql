-- find_exchange: was this capture stored already?
-- $1 uuid exchange (the capture's id), $2 int8 its day as days since 1970
-- columns: found int4
-- role: collector
select 1 as found
from app.exchanges e
where e.workspace_id = (select app.ws()) and e.exchange_id = $1
	and e.day >= '1970-01-01'::date + $2::int8::int4 - 1
limit 1
