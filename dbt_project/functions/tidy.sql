-- Characters without width vanish, white space becomes one space. Most text is tidy already, and one
-- look at it is three times cheaper than doing it all again.
select
    case
        when octet_length(raw) = length(raw) and raw !~ '[^!-~ ]|  ' then btrim(raw)
        when
            octet_length(raw) > length(raw)
            and raw is nfkc normalized
            and raw !~ '[\s\u200b\u200c\u200d\u2060\ufeff]'
            then raw
        else
            btrim(regexp_replace(
                regexp_replace(normalize(raw, nfkc), '[\u200b\u200c\u200d\u2060\ufeff]+', '', 'g'),
                '\s+', ' ', 'g'
            ))
    end
