"""User pools as in the template."""

from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

from auth.adapters.cognito.user_pool import CognitoUserPool


def make_pool(cognito: CognitoIdentityProviderClient, *, secret: bool = False) -> CognitoUserPool:
    """A user pool as in the template, and an app client of it."""
    pool_id = cognito.create_user_pool(
        PoolName="users",
        UsernameAttributes=["email"],
        UsernameConfiguration={"CaseSensitive": False},
        AutoVerifiedAttributes=["email"],
        UserAttributeUpdateSettings={"AttributesRequireVerificationBeforeUpdate": ["email"]},
        Policies={
            "PasswordPolicy": {
                "MinimumLength": 8,
                "RequireUppercase": True,
                "RequireLowercase": True,
                "RequireNumbers": True,
                "RequireSymbols": False,
            }
        },
    )["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="apps",
        GenerateSecret=secret,
        PreventUserExistenceErrors="ENABLED",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]
    for group in ("Users", "Guests"):
        cognito.create_group(UserPoolId=pool_id, GroupName=group)
    return CognitoUserPool(
        cognito=cognito,
        pool_id=pool_id,
        client_id=client["ClientId"],
        client_secret=client.get("ClientSecret"),
    )
