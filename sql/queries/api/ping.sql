-- ping: the server answers.  Any role, without a context.
select 1
