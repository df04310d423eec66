"""AWS's public prices, in US dollars: on demand, N. Virginia, without free tiers or discounts.

What the services' pricing pages (aws.amazon.com/<service>/pricing) are meant to say in November
2025. Compared with such pages were DynamoDB's (since its cut of 1 November 2024) and AppSync's
real-time prices; the others are from memory, and to be looked up before money depends on them.
Ireland is up to an eighth dearer. Whoever changes one changes what `python -m bench cost` says.
"""

AS_OF = "2025-11"
REGION = "us-east-1"

MILLION = 1_000_000

DYNAMODB_WRITE_UNIT = 0.625 / MILLION
DYNAMODB_READ_UNIT = 0.125 / MILLION
LAMBDA_REQUEST = 0.20 / MILLION
LAMBDA_GIGABYTE_SECOND = 0.0000166667
APPSYNC_OPERATION = 4.00 / MILLION
APPSYNC_UPDATE = 2.00 / MILLION
APPSYNC_CONNECTION_MINUTE = 0.08 / MILLION
HTTP_API_REQUEST = 1.00 / MILLION
EVENTBRIDGE_EVENT = 1.00 / MILLION
SQS_REQUEST = 0.40 / MILLION
LOGS_GIGABYTE = 0.50
XRAY_TRACE = 5.00 / MILLION
COGNITO_USER = 0.015
"""A user of the Essentials tier in a month; the first 10,000 of a pool are free."""
COGNITO_FREE_USERS = 10_000

ALARM = 0.10
DASHBOARD = 3.00
METRIC = 0.30
SECRET = 0.40
WEB_ACL = 5.00
WEB_ACL_RULE = 1.00
"""A month each."""
