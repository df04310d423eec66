import { util } from '@aws-appsync/utils';

/** Refuses a subscription to another user's events. */
export function request(ctx) {
  if (!ctx.identity || !ctx.identity.sub || ctx.identity.sub !== ctx.args.userId) {
    util.unauthorized();
  }
  return { payload: null };
}

/** Returns nothing: a subscription starts without data. */
export function response(ctx) {
  return null;
}
