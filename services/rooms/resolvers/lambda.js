import { extensions, util } from '@aws-appsync/utils';

/**
 * Passes the whole call to the function, as a direct Lambda resolver would. The parts of info are
 * named one by one: AppSync leaves the selection out where info is serialized as a whole.
 */
export function request(ctx) {
  return {
    operation: 'Invoke',
    payload: {
      arguments: ctx.args,
      identity: ctx.identity,
      source: ctx.source,
      request: ctx.request,
      prev: ctx.prev,
      info: {
        fieldName: ctx.info.fieldName,
        parentTypeName: ctx.info.parentTypeName,
        variables: ctx.info.variables,
        selectionSetList: ctx.info.selectionSetList,
      },
      stash: ctx.stash,
    },
  };
}

/**
 * Gives an error its type. A direct Lambda resolver cannot: every exception of the function reaches
 * the client as "Lambda:Unhandled". The message of an unexpected one shows no internals. Where the
 * function says so, sets what ends the subscription that begins, or ends those of others.
 */
export function response(ctx) {
  if (ctx.error) {
    util.error('Something went wrong on our side. Please try again.', 'InternalError');
  }
  const { data, error, invalidationFilter, invalidate } = ctx.result;
  if (error) {
    util.error(error.message, error.type, null, error.info);
  }
  if (invalidationFilter) {
    extensions.setSubscriptionInvalidationFilter(invalidationFilter);
  }
  if (invalidate) {
    extensions.invalidateSubscriptions(invalidate);
  }
  return data;
}
