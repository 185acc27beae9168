"""MOVE's API as data: which call goes where and how its fields are spelt, per version.

v1_5 is the one that the reference documents whole. Of v20 the vendor's pages show registering,
deleting, blocking, single items, the list and points; `batch` and `label` were not seen and are
spelt by analogy.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Route:
    """`{start}` is in UNIX seconds. `names_product`: the body says of which product, too."""

    method: str
    path: str
    names_product: bool = False


@dataclass(frozen=True)
class Api:
    """One version. A product is a project in v20, a contract is a user."""

    version: str
    product: str
    contract: str
    register: Route
    delete: Route
    block: Route
    item: Route
    items: Route
    batch: Route
    points: Route
    label: Route


V1_5 = Api(
    version="v1_5",
    product="productId",
    contract="contractId",
    register=Route("POST", "/sdk-auth/v1_5/jwt/registeruser"),
    delete=Route("POST", "/sdk-auth/v1_5/deleteuser"),
    block=Route("POST", "/access/v1_5/block", names_product=True),
    item=Route("GET", "/timeline/v1_5/{start}"),
    items=Route("GET", "/timeline/v1_5"),
    batch=Route("POST", "/timeline/v1_5/batch"),
    points=Route("GET", "/timeline/v1_5/{start}/points"),
    label=Route("PATCH", "/timeline/v1_5/label/{start}/{label}"),
)
V20 = Api(
    version="v20",
    product="projectId",
    contract="userId",
    register=Route("POST", "/v20/user"),
    delete=Route("DELETE", "/v20/user", names_product=True),
    block=Route("POST", "/v20/access/block", names_product=True),
    item=Route("GET", "/v20/timeline/{start}"),
    items=Route("GET", "/v20/timeline"),
    batch=Route("POST", "/v20/timeline/batch"),
    points=Route("GET", "/v20/timeline/{start}/points"),
    label=Route("PATCH", "/v20/timeline/label/{start}/{label}"),
)
VERSIONS: Mapping[str, Api] = {api.version: api for api in (V1_5, V20)}
