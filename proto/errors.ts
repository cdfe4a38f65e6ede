/** What can go wrong, by code. docs/errors.md has a line for each; a test holds the two together. */
export const errorCodes = {
  // Input: found on the workstation, before any host is contacted (exit 4).
  'file-not-found': 'A file that the command line or a playbook names cannot be read.',
  'yaml-syntax': 'The text is not valid YAML.',
  'yaml-duplicate-key':
    'A mapping holds the same key twice, where `orch lint` or `duplicate_dict_key = error` forbids it.',
  'yaml-unquoted-template': 'A value starts with {{ and is not quoted, so YAML reads it as a mapping.',
  'playbook-structure': 'A play, block or task does not have the shape it must have.',
  'unknown-keyword': 'A keyword that plays, blocks or tasks do not have.',
  'unknown-module': 'No module or action of this name.',
  'unknown-parameter': 'The module has no parameter of this name.',
  'invalid-parameter': 'A parameter has a wrong type or value, or is missing.',
  'template-syntax': 'A template or expression cannot be parsed.',
  'unknown-plugin': 'No filter, test, lookup or keyword of this name.',
  'template-error': 'A template or expression failed while it was evaluated.',
  'undefined-variable': 'A template names a variable that does not exist.',
  'include-cycle': 'A file includes itself, directly or through others.',
  'inventory-syntax': 'The inventory cannot be read.',
  'unknown-host': 'A pattern names a host or group that the inventory does not have.',
  vault: 'Something encrypted cannot be opened, or a vault password cannot be had.',
  'invalid-option': 'A command line option has a wrong value.',
  'missing-tool': 'A program that this command needs is not installed.',
  'system-fault': "The workstation's system refuses a path, or has no room for what is written.",
  'record-failed': 'The folder for the record of the run cannot be written.',
  'unsafe-file': 'A private file or folder belongs to another user, or lets others get at it.',
  // Reaching a host (unreachable).
  'host-unreachable': 'No TCP connection to the host.',
  'host-key-unknown': 'The host key is not in known_hosts.',
  'host-key-changed': 'The host key differs from the one in known_hosts.',
  'auth-failed': 'The host accepts none of the credentials.',
  'connect-timeout': 'The host accepted the connection and then said nothing within the deadline.',
  'become-failed': 'sudo refused, or asked for a password that was not given.',
  'no-runtime': 'The host has no Node 20 or later and none can be brought for its platform.',
  'bootstrap-failed': 'The agent could not be put on the host or did not start.',
  'version-skew': 'The agent on the host speaks another version and could not be replaced.',
  'connection-lost': 'The connection to the agent broke and could not be taken up again.',
  'not-confirmed': 'The run was not confirmed in time, so the host took it back.',
  'agent-in-use': 'Labs still own things on the host, which only its agent can undo.',
  // Running a task.
  'lab-locked': 'Another run holds the lab.',
  'lab-conflict': 'Another lab owns the object that the task would change.',
  'task-failed': 'The task ran and failed.',
  'task-timeout': 'The task did not end within its deadline.',
  'missing-object': 'A netns, link or other object that the task needs does not exist.',
  'unsupported-by-host': 'The kernel or a tool of the host lacks what the task needs.',
  'verify-failed': 'The change was made, but reading again shows another state.',
  'ledger-failed': 'The ledger could not be written, so nothing was changed.',
  'command-failed': 'A command could not be started or returned an error.',
  interrupted: 'The run was interrupted.',
  // The testbed.
  'testbed-failed': 'The testbed could not be brought up or taken down.',
  internal: 'A defect of orch itself.',
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** Whether what another process calls an error is one of ours. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code);
}

/** A place in a file; line and column count from 1. `excerpt` is that source line, for the caret. */
export interface FilePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly excerpt?: string;
}

/** A place in a run. */
export interface RunPlace {
  readonly host: string;
  readonly task?: string;
}

export interface OrchErrorFields {
  readonly code: ErrorCode;
  /** One sentence: what is wrong, with real values. */
  readonly summary: string;
  /** More of what was seen: tool output, values. */
  readonly detail?: string | undefined;
  /** What to do next. */
  readonly hint?: string | undefined;
  readonly where?: FilePlace | RunPlace | undefined;
  /** Extra keys for `register`, of a task that failed. */
  readonly result?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
}

/** The one error class of orch; everything a person may read about a failure is in its fields. */
export class OrchError extends Error {
  readonly code: ErrorCode;
  readonly summary: string;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly where: FilePlace | RunPlace | undefined;
  readonly result: Readonly<Record<string, unknown>> | undefined;

  constructor(fields: OrchErrorFields) {
    super(fields.summary, { cause: fields.cause });
    this.name = 'OrchError';
    this.code = fields.code;
    this.summary = fields.summary;
    this.detail = fields.detail;
    this.hint = fields.hint;
    this.where = fields.where;
    this.result = fields.result;
  }
}

/** Several errors of one input, shown together. */
export class OrchErrors extends Error {
  readonly errors: readonly OrchError[];

  constructor(errors: readonly OrchError[]) {
    super(errors.map((error) => error.summary).join('\n'));
    this.name = 'OrchErrors';
    this.errors = errors;
  }
}
