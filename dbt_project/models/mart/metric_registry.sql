select
    metric,
    title,
    definition,
    numerator,
    nullif(denominator, '') as denominator,
    unit,
    owner,
    source
from {{ ref('metric_definition') }}
