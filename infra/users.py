"""Who may be kept: the users, the key under which they are known, and the log of their access."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.function import TelematicsFunction
from infra.identity import pin
from infra.storage import Table

KEY_CHARACTERS = 64  # letters and digits: as many as HMAC-SHA256 takes at once


class Users(Construct):
    """Each method gives a function what it needs for one thing: its environment and its grants."""

    def __init__(self, scope: Construct, id: str, *, retain: bool, gate_seconds: int) -> None:
        super().__init__(scope, id)
        self._gate_seconds = gate_seconds
        # What a change left is read again by who follows it: so no copy of it lies in the stream.
        self.table = Table(self, "Users", partition_key="user_id", streams_keys=True, retain=retain)
        self._by_gate = self.table.find_by("gate", knowing=["status"])
        self._by_listed_as = self.table.find_by("listed_as", within="user_id")
        self.access_log = Table(
            self, "AccessLog", partition_key="subject", sort_key="at", retain=retain
        )
        self.key = self._key(retain)

    @property
    def outputs(self) -> dict[str, str]:
        return {
            "UsersTable": self.table.table_name,
            "AccessLogTable": self.access_log.table_name,
            "IdentityKey": self.key.secret_arn,
        }

    @property
    def stream_arn(self) -> str:
        if self.table.table_stream_arn is None:
            raise ValueError("the table of users streams the keys of what has changed")
        return self.table.table_stream_arn

    def let_hash(self, function: TelematicsFunction) -> None:
        """Know people by their keyed hash."""
        function.add_environment("IDENTITY_KEY_ARN", self.key.secret_arn)
        function.may("secretsmanager:GetSecretValue", on=self.key.secret_arn)

    def let_check(self, function: TelematicsFunction) -> None:
        """Ask the gate whose data may not be kept."""
        self.let_hash(function)
        self.let_look(function)

    def let_look(self, function: TelematicsFunction) -> None:
        """See why people are behind the gate, but not who they are."""
        function.add_environment("GATE_SECONDS", str(self._gate_seconds))
        self._on_users(function, "dynamodb:Query", on=self._by_gate)

    def let_read(self, function: TelematicsFunction) -> None:
        """Find a user by our id, or by what a provider calls them."""
        self.let_hash(function)
        self._on_users(function, "dynamodb:GetItem", on=self.table.table_arn)

    def let_list(self, function: TelematicsFunction) -> None:
        """All users, or those of one status; and how many there are."""
        self._on_users(function, "dynamodb:Query", on=self._by_listed_as)
        self._on_users(function, "dynamodb:BatchGetItem", on=self.table.table_arn)

    def let_manage(self, function: TelematicsFunction) -> None:
        """Find users and change them, in transactions."""
        self.let_read(function)
        self._on_users(function, "dynamodb:DeleteItem", "dynamodb:PutItem", on=self.table.table_arn)

    def let_follow(self, function: TelematicsFunction) -> None:
        """Be told who has changed, and read them as they are now."""
        self._on_users(function, "dynamodb:BatchGetItem", on=self.table.table_arn)
        function.may(
            "dynamodb:DescribeStream",
            "dynamodb:GetRecords",
            "dynamodb:GetShardIterator",
            on=self.stream_arn,
        )

    def let_log(self, function: TelematicsFunction) -> None:
        """Add to the access log; nobody may change or remove what is in it."""
        self._on_log(function, "dynamodb:PutItem")

    def let_read_log(self, function: TelematicsFunction) -> None:
        self._on_log(function, "dynamodb:Query")

    def _on_users(self, function: TelematicsFunction, *actions: str, on: str) -> None:
        function.add_environment("USERS_TABLE", self.table.table_name)
        function.may(*actions, on=on)

    def _on_log(self, function: TelematicsFunction, *actions: str) -> None:
        function.add_environment("ACCESS_LOG_TABLE", self.access_log.table_name)
        function.may(*actions, on=self.access_log.table_arn)

    def _key(self, retain: bool) -> secretsmanager.Secret:
        """Made once, by AWS. Without it nobody would be found in the tables that are kept."""
        key = secretsmanager.Secret(
            self,
            "Key",
            description="The key under which people are known where nothing may name them.",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=KEY_CHARACTERS, exclude_punctuation=True
            ),
            removal_policy=RemovalPolicy.RETAIN if retain else RemovalPolicy.DESTROY,
        )
        pin(key, "IdentityKey")
        return key
