-- Who is known, and what providers call them: a row per link, or one without a provider
select
    user_id,
    provider,
    provider_user_id,
    status,
    since,
    updated_at
from user_links
