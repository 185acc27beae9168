"""The lake: Iceberg tables in the Glue catalogue, their files in the lake bucket."""

from collections.abc import Iterator, Mapping
from functools import cache

from pyiceberg.catalog import Catalog
from pyiceberg.catalog.glue import GlueCatalog

from telematics import tables
from telematics.settings import settings

NONE: Mapping[str, str] = {}


def catalog(
    *, lake_bucket: str, endpoint_url: str | None = None, client: Mapping[str, str] = NONE
) -> Catalog:
    """`endpoint_url` says where AWS answers when that is the sandbox.

    `client` holds pyiceberg's `client.*` properties: the region, and credentials where they are
    not those of a function's role.
    """
    properties = {"warehouse": f"s3://{lake_bucket}/warehouse", **client}
    if endpoint_url:
        properties |= {"glue.endpoint": endpoint_url, "s3.endpoint": endpoint_url}
    return GlueCatalog("telematics", client=None, **properties)


@cache
def deployed() -> Catalog:
    """The catalogue of the stack that this function belongs to.

    Without a region pyiceberg asks S3 where the bucket is, and that over the internet.
    """
    here = settings()
    region = {"client.region": here.region}
    return catalog(lake_bucket=here.lake_bucket, endpoint_url=here.endpoint_url, client=region)


def migrate(catalog: Catalog, database: str) -> Iterator[str]:
    """Make or widen every declared table; repeats change nothing. Yields each table's name."""
    for name in tables.declared():
        tables.ensure(catalog, database, name)
        yield name
