"""User pools as the template makes them."""

from mypy_boto3_cognito_idp import CognitoIdentityProviderClient

from auth.cognito import CognitoUserPool


def make_pool(cognito: CognitoIdentityProviderClient, *, secret: bool = False) -> CognitoUserPool:
    """A pool as the template has it, and a client of it."""
    pool_id = cognito.create_user_pool(
        PoolName="users",
        UsernameAttributes=["email"],
        UsernameConfiguration={"CaseSensitive": False},
        AutoVerifiedAttributes=["email"],
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
    cognito.create_group(UserPoolId=pool_id, GroupName="Users")
    return CognitoUserPool(
        cognito=cognito,
        pool_id=pool_id,
        client_id=client["ClientId"],
        client_secret=client.get("ClientSecret"),
    )
