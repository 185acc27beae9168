"""One logger and one set of metrics for every function."""

from aws_lambda_powertools import Logger, Metrics

logger = Logger()
metrics = Metrics()
