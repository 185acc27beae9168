"""What the account may cost a month, before somebody hears of it."""

from aws_cdk import CfnParameter
from aws_cdk import aws_budgets as budgets
from constructs import Construct

from infra.monitoring import Alarms

# Percent of the budget, and whether spent or only forecast.
TELLS_AT = (("ACTUAL", 80), ("FORECASTED", 100))


class Budget(Construct):
    """Of the whole account: costs are told apart by tags only once the owner activates these."""

    def __init__(self, scope: Construct, id: str, *, alarms: Alarms) -> None:
        super().__init__(scope, id)
        limit = CfnParameter(
            self,
            "Usd",
            type="Number",
            default=300,
            min_value=1,
            description="From which US dollars a month on, spent or forecast, the owner is told.",
        )
        limit.override_logical_id("MonthlyBudgetUsd")
        alarms.let_publish("budgets.amazonaws.com")
        budget = budgets.CfnBudget(
            self,
            "Budget",
            budget=budgets.CfnBudget.BudgetDataProperty(
                budget_name="telematics",
                budget_type="COST",
                time_unit="MONTHLY",
                budget_limit=budgets.CfnBudget.SpendProperty(
                    amount=limit.value_as_number, unit="USD"
                ),
            ),
            notifications_with_subscribers=[
                budgets.CfnBudget.NotificationWithSubscribersProperty(
                    notification=budgets.CfnBudget.NotificationProperty(
                        comparison_operator="GREATER_THAN",
                        notification_type=kind,
                        threshold=percent,
                        threshold_type="PERCENTAGE",
                    ),
                    subscribers=[
                        budgets.CfnBudget.SubscriberProperty(
                            address=alarms.topic.topic_arn, subscription_type="SNS"
                        )
                    ],
                )
                for kind, percent in TELLS_AT
            ],
        )
        # It tries the topic when it is made.
        budget.node.add_dependency(alarms.topic)
