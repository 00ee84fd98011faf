-- ping: the server answers.  Without a context.
-- role: api
select 1
