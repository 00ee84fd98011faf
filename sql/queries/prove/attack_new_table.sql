-- attack_new_table: copies rows to where no policy is.
-- columns: none
-- role: any of ours; must be refused
create table app.copied as select * from app.messages
