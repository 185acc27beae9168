-- Whom we know by a provider's name of them
select user_id
from users
where
    provider = :provider
    and provider_user_id = :who
