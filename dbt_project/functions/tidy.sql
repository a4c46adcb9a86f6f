-- Plain ASCII is the common case and needs no normalisation.
select
    btrim(
        regexp_replace(
            case when octet_length(raw) = length(raw) then raw else normalize(raw, nfkc) end,
            '[\s\u200b\u200c\u200d\u2060\ufeff]+', ' ', 'g'
        )
    )
