import { util } from '@aws-appsync/utils';

/** Lets a user subscribe to what concerns him and to nothing else. */
export function request(ctx) {
  if (!ctx.identity || !ctx.identity.sub || ctx.identity.sub !== ctx.args.userId) {
    util.unauthorized();
  }
  return { payload: null };
}

/** A subscription starts with nothing to tell. */
export function response(ctx) {
  return null;
}
