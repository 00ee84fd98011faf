-- oldest_day: the oldest day of which conversations are kept.
-- columns: day date (null when there is none), days_old int8
-- role: operator
select day, (current_date - day)::int8 as days_old from app.operator_oldest_day() as day
