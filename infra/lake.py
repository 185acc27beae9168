"""The lake's catalogue, its tables, and the workgroup that asks it."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict

from aws_cdk import CustomResource, Duration, Stack
from aws_cdk import aws_athena as athena
from aws_cdk import aws_glue as glue
from constructs import Construct

from infra.function import Functions, TelematicsFunction
from infra.storage import Storage
from telematics.catalog import Provider, table_name

DATABASE = "telematics"
FILES = f"warehouse/{DATABASE}.db"  # where tables lie in the lake bucket
MIGRATING = Duration.minutes(5)
SCANNED_AT_MOST_BYTES = 100 * 1024**3  # half a dollar a query


class Lake(Construct):
    """Database and workgroup, and `migrate_lake` whenever a declared dataset changes."""

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        storage: Storage,
        functions: Functions,
        providers: Iterable[Provider],
    ) -> None:
        super().__init__(scope, id)
        self.environment = {
            "LAKE_BUCKET": storage.lake.bucket_name,
            "DATABASE": DATABASE,
        }
        self.database = glue.CfnDatabase(
            self,
            "Database",
            catalog_id=Stack.of(self).account,
            database_input=glue.CfnDatabase.DatabaseInputProperty(
                name=DATABASE,
                description="Telematics Lake: one Iceberg table per dataset.",
                location_uri=storage.lake.s3_url_for_object(FILES),
            ),
        )
        self.workgroup = self._workgroup(storage)
        self.digest = digest(providers)
        self.migrate = TelematicsFunction(
            self,
            "MigrateLake",
            verb="migrate_lake",
            shared=functions,
            timeout=MIGRATING,
            memory_mb=1024,
            environment=self.environment,
            uses_lake=True,
        )
        self.tables = CustomResource(
            self,
            "Tables",
            service_token=self.migrate.function_arn,
            resource_type="Custom::LakeTables",
            service_timeout=MIGRATING,
            properties={"Datasets": self.digest},
        )
        self.tables.node.add_dependency(self.migrate, self.database)

    @property
    def tables_arns(self) -> list[str]:
        """What IAM asks for whoever reads or writes a table: catalogue, database and table."""
        return self._glue_arns("*")

    @property
    def workgroup_arn(self) -> str:
        return Stack.of(self).format_arn(service="athena", resource=f"workgroup/{DATABASE}")

    def tables_arns_of(self, provider: Provider) -> list[str]:
        """The same for the declared tables of one provider."""
        names = (table_name(provider.name, dataset.name) for dataset in provider.datasets)
        return self._glue_arns(*names)

    def tables_arns_named(self, *names: str) -> list[str]:
        """The same for these tables only."""
        return self._glue_arns(*names)

    def _glue_arns(self, *tables: str) -> list[str]:
        resources = ["catalog", f"database/{DATABASE}", *(f"table/{DATABASE}/{t}" for t in tables)]
        stack = Stack.of(self)
        return [stack.format_arn(service="glue", resource=resource) for resource in resources]

    def _workgroup(self, storage: Storage) -> athena.CfnWorkGroup:
        encryption = athena.CfnWorkGroup.EncryptionConfigurationProperty(encryption_option="SSE_S3")
        return athena.CfnWorkGroup(
            self,
            "Workgroup",
            name=DATABASE,
            description="Questions to Telematics Lake.",
            recursive_delete_option=True,
            work_group_configuration=athena.CfnWorkGroup.WorkGroupConfigurationProperty(
                enforce_work_group_configuration=True,
                publish_cloud_watch_metrics_enabled=True,
                bytes_scanned_cutoff_per_query=SCANNED_AT_MOST_BYTES,
                engine_version=athena.CfnWorkGroup.EngineVersionProperty(
                    selected_engine_version="Athena engine version 3"
                ),
                result_configuration=athena.CfnWorkGroup.ResultConfigurationProperty(
                    output_location=storage.results.s3_url_for_object("answers/"),
                    encryption_configuration=encryption,
                    expected_bucket_owner=Stack.of(self).account,
                ),
            ),
        )


def digest(providers: Iterable[Provider]) -> str:
    """Changes with every declared dataset, so that a deployment migrates the tables again."""
    datasets = {
        provider.name: [asdict(dataset) for dataset in provider.datasets] for provider in providers
    }
    return hashlib.sha256(json.dumps(datasets, sort_keys=True).encode()).hexdigest()
