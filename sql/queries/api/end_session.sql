-- end_session: no token of it is taken any more.  In a context.
-- $1 uuid session, $2 int8 seconds, after which no token of it is left
-- nothing
-- role: api
select identity.end_session($1, $2)
