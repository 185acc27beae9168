"""What one unit of work costs: list prices, in US dollars, without the free tier.

The same in eu-west-1 and us-east-1. What stands idle is in `prices`.
"""

LAMBDA_ARM_GB_SECOND = 0.0000133334
LAMBDA_REQUEST = 0.20 / 1e6
S3_PUT = 0.005 / 1e3  # and each list
S3_GET = 0.0004 / 1e3  # and each look at what is told of an object
SQS_REQUEST = 0.40 / 1e6  # of up to 64 kB; ten small messages sent at once are one
DYNAMODB_WRITE = 0.625 / 1e6  # on demand, of up to 1 kB
DYNAMODB_READ = 0.125 / 1e6  # on demand, of up to 4 kB, strongly consistent
DYNAMODB_GB_MONTH = 0.25 + 0.20  # and what it takes to be recovered to any second
S3_GB_MONTH = 0.023
HTTP_API_CALL = 1.00 / 1e6  # of up to 512 kB
STATE_TRANSITION = 0.025 / 1e3  # of a Standard workflow
EVENT = 1.00 / 1e6  # put on a bus of ours, or told by S3 of an object
SCHEDULED_START = 1.00 / 1e6
ATHENA_TERABYTE = 5.00  # read; of each query at least 10 MB
LOG_GB = 0.50  # taken in
GLUE_REQUEST = 1.00 / 1e6
TRACE = 5.00 / 1e6
METRIC = 0.30  # of our own, told around the clock
