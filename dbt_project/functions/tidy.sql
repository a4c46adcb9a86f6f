-- Characters without width vanish, white space becomes one space. Most text is normalised already,
-- and asking is four times cheaper than doing it again.
select
    btrim(regexp_replace(
        regexp_replace(
            case
                when octet_length(raw) = length(raw) or raw is nfkc normalized then raw
                else normalize(raw, nfkc)
            end,
            '[\u200b\u200c\u200d\u2060\ufeff]+', '', 'g'
        ),
        '\s+', ' ', 'g'
    ))
