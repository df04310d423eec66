import { util } from '@aws-appsync/utils';

/**
 * Refuses a subscription to another user's events, and every token but an access token: the same
 * rule as matinee.principal has for the other fields.
 */
export function request(ctx) {
  const { sub, claims } = ctx.identity || {};
  const { token_use: use, scope } = claims || {};
  const scopes = `${scope}`.split(' ');
  if (!sub || sub !== ctx.args.userId || use !== 'access'
      || !scopes.includes('aws.cognito.signin.user.admin')) {
    util.unauthorized();
  }
  return { payload: null };
}

/** Returns nothing: a subscription starts without data. */
export function response(ctx) {
  return null;
}
