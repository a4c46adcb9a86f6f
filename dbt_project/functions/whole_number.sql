select
    case
        when {{ function('tidy') }}(raw) ~ '^-?\d{1,9}(\.0*)?$'
            then trunc({{ function('tidy') }}(raw)::numeric)::int
    end
