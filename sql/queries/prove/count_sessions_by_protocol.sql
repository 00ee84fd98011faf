-- count_sessions_by_protocol: client sessions over TCP, by TLS version.
-- columns: protocol text ('' without TLS), sessions int8
-- role: operator
select coalesce(s.version, '') as protocol, count(*) as sessions
from pg_stat_activity a
left join pg_stat_ssl s on s.pid = a.pid and s.ssl
where a.backend_type = 'client backend' and a.client_addr is not null
group by 1
order by 1
