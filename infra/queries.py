"""The ready queries of `telematics query`, saved in the Athena workgroup as well."""

from aws_cdk import aws_athena as athena
from constructs import Construct

from infra.cli import ready

ASKED = "Its parameters stand as their defaults, marked /* :name */: put others in their place."


class SavedQueries(Construct):
    """One saved query per file of `sql/queries`, with the defaults of its parameters."""

    def __init__(self, scope: Construct, id: str, *, database: str, workgroup: str) -> None:
        super().__init__(scope, id)
        for name, query in ready.queries().items():
            athena.CfnNamedQuery(
                self,
                name.title().replace("_", ""),
                name=name,
                description=f"{query.description}. {ASKED}"
                if query.parameters
                else query.description,
                database=database,
                work_group=workgroup,
                query_string=query.saved,
            )
