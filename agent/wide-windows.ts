import http2, { type SecureServerOptions } from 'node:http2';
import { windowBytes } from '../proto/window.ts';

/** What `make` makes; an HTTP/2 server in it takes `windowBytes` at once. grpc-js (1.14) can be told so for clients alone. */
export function withWideWindows<T>(make: () => T): T {
  const { createSecureServer } = http2;
  const wide = (options: SecureServerOptions) =>
    createSecureServer({ ...options, settings: { ...options.settings, initialWindowSize: windowBytes } }).on(
      'session',
      (session) => session.setLocalWindowSize(windowBytes),
    );
  Object.assign(http2, { createSecureServer: wide });
  try {
    return make();
  } finally {
    Object.assign(http2, { createSecureServer });
  }
}
