import type { FilePlace } from '../../../proto/errors.ts';
import type { Common } from '../types.ts';

/** Keywords of an entry that says nothing. */
export function noKeywords(at: FilePlace): Common {
  return {
    name: undefined,
    at,
    when: [],
    tags: [],
    vars: new Map(),
    become: {},
    environment: undefined,
    noLog: undefined,
    ignoreErrors: undefined,
    ignoreUnreachable: undefined,
    delegateTo: undefined,
    connection: undefined,
    remoteUser: undefined,
    runOnce: undefined,
    delegateFacts: undefined,
    anyErrorsFatal: undefined,
    throttle: undefined,
    notify: [],
    timeoutSeconds: undefined,
    checkMode: undefined,
    diff: undefined,
  };
}
