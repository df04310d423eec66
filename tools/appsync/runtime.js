/**
 * What @aws-appsync/utils gives a resolver, and the way in for the endpoint: a resolver's module
 * becomes a function of (util, runtime, extensions), and a call goes in and out as JSON text.
 * A name that AppSync has and this runtime has not throws and names itself.
 */
globalThis.appsync = (() => {
  class ResolverError {
    constructor(message, type, data, info) {
      Object.assign(this, { message, type, data, info });
    }
  }
  class EarlyReturn {
    constructor(value) {
      this.value = value;
    }
  }

  const modules = new Map();
  let current = null;

  const orNull = (value) => (value === undefined ? null : value);
  const known = (name, members) =>
    new Proxy(members, {
      get(target, key) {
        if (typeof key === 'string' && !(key in target)) {
          throw new Error(`${name}.${key} is not available on the local endpoint`);
        }
        return target[key];
      },
    });

  const hex = (digits) => {
    let text = '';
    for (let i = 0; i < digits; i += 1) text += Math.floor(Math.random() * 16).toString(16);
    return text;
  };
  const uuid = () => `${hex(8)}-${hex(4)}-4${hex(3)}-${'89ab'[Math.floor(Math.random() * 4)]}${hex(3)}-${hex(12)}`;

  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const bytesOf = (text) =>
    [...encodeURIComponent(text).matchAll(/%([0-9A-F]{2})|(.)/g)].map(([, code, char]) =>
      code ? parseInt(code, 16) : char.charCodeAt(0));
  const base64Encode = (value) => {
    const bytes = bytesOf(String(value));
    let text = '';
    for (let i = 0; i < bytes.length; i += 3) {
      const [a, b, c] = [bytes[i], bytes[i + 1], bytes[i + 2]];
      text += ALPHABET[a >> 2] + ALPHABET[((a & 3) << 4) | ((b || 0) >> 4)];
      text += b === undefined ? '=' : ALPHABET[((b & 15) << 2) | ((c || 0) >> 6)];
      text += c === undefined ? '=' : ALPHABET[c & 63];
    }
    return text;
  };
  const base64Decode = (value) => {
    let bits = 0;
    let count = 0;
    let escaped = '';
    for (const char of String(value).replace(/=+$/, '')) {
      bits = ((bits << 6) | ALPHABET.indexOf(char)) & 0xffffff;
      count += 6;
      if (count >= 8) {
        count -= 8;
        escaped += '%' + ((bits >> count) & 0xff).toString(16).padStart(2, '0');
      }
    }
    return decodeURIComponent(escaped);
  };

  const util = known('util', {
    error(message, type, data, info) {
      throw new ResolverError(String(message), orNull(type), orNull(data), orNull(info));
    },
    appendError(message, type, data, info) {
      current.appended.push({
        message: String(message), type: orNull(type), data: orNull(data), info: orNull(info),
      });
    },
    unauthorized() {
      throw new ResolverError(null, 'Unauthorized', null, null);
    },
    autoId: uuid,
    matches: (pattern, text) => new RegExp(pattern).test(text),
    authType: () => current.authType,
    urlEncode: (text) => encodeURIComponent(text),
    urlDecode: (text) => decodeURIComponent(text),
    base64Encode,
    base64Decode,
    escapeJavaScript: (text) => JSON.stringify(String(text)).slice(1, -1).replace(/'/g, "\\'"),
    time: known('util.time', {
      nowISO8601: () => new Date().toISOString(),
      nowEpochSeconds: () => Math.floor(Date.now() / 1000),
      nowEpochMilliSeconds: () => Date.now(),
      parseISO8601ToEpochMilliSeconds: (text) => Date.parse(text),
      epochMilliSecondsToSeconds: (ms) => Math.floor(ms / 1000),
      epochMilliSecondsToISO8601: (ms) => new Date(ms).toISOString(),
    }),
  });

  const runtime = known('runtime', {
    earlyReturn(value) {
      throw new EarlyReturn(value);
    },
  });

  const extensions = known('extensions', {
    setSubscriptionInvalidationFilter(filter) {
      current.invalidationFilter = filter;
    },
    invalidateSubscriptions({ subscriptionField, payload }) {
      if (current.invalidations.length === 5) throw new Error('five invalidations are the most');
      current.invalidations.push({ subscriptionField, payload });
    },
  });

  const PACKAGES = { '@aws-appsync/utils': { util, runtime, extensions } };

  return {
    define(name, body) {
      const load = (specifier) => {
        if (!(specifier in PACKAGES)) throw new Error(`no package ${specifier}`);
        return PACKAGES[specifier];
      };
      const exported = new Function('__import', `"use strict";${body}`)(load);
      for (const handler of ['request', 'response']) {
        if (typeof exported[handler] !== 'function') throw new Error(`no function ${handler}`);
      }
      modules.set(name, exported);
    },
    call(name, handler, authType, text) {
      const ctx = JSON.parse(text);
      ctx.arguments = ctx.args;
      current = { appended: [], authType, invalidationFilter: null, invalidations: [] };
      let outcome;
      try {
        const value = orNull(modules.get(name)[handler](ctx));
        const { appended, invalidationFilter, invalidations } = current;
        outcome = JSON.stringify({
          value, stash: ctx.stash, appended, invalidationFilter, invalidations,
        });
      } catch (thrown) {
        const { appended } = current;
        if (thrown instanceof ResolverError) {
          outcome = JSON.stringify({ error: { ...thrown }, appended });
        } else if (thrown instanceof EarlyReturn) {
          outcome = JSON.stringify({ early: orNull(thrown.value), appended });
        } else {
          outcome = JSON.stringify({ crash: `${thrown}\n${thrown.stack}`, appended });
        }
      }
      return outcome;
    },
  };
})();
