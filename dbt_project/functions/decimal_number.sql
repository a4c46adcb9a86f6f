select case when {{ function('tidy') }}(raw) ~ '^-?\d{1,12}(\.\d+)?$' then {{ function('tidy') }}(raw)::numeric end
