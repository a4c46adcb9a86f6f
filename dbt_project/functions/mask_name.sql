-- The surname stays, one or two characters; every other character becomes a star.
select
    rpad(
        case
            when length(name) > 2 and name ~ '^(欧阳|上官|司马|诸葛|司徒|东方|夏侯|皇甫|尉迟|公孙|慕容|令狐|宇文|长孙|端木|南宫|钟离|澹台)'
                then left(name, 2)
            else left(name, 1)
        end,
        greatest(length(name), 2),
        '*'
    )
