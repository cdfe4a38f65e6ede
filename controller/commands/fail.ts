import { OrchError, OrchErrors } from '../../proto/errors.ts';
import { stateDir } from '../paths.ts';
import { errorText } from '../report/error-text.ts';
import { systemFault } from '../source/system-fault.ts';
import { hideSecrets } from '../vault/secret-texts.ts';
import type { CommandFile } from './command.ts';

/** The exit code of wrong input; what vault passwords don't open is another matter, as in Ansible. */
export const wrongInput: NonNullable<CommandFile['exitOf']> = (code) => (code === 'vault' ? 1 : 4);

/** Prints what ends the command, marked as Ansible marks it. */
export function tellErrors(errors: readonly OrchError[]): void {
  process.stderr.write(errors.map((error) => `[ERROR]: ${hideSecrets(errorText(error))}\n`).join(''));
}

/** Prints what was thrown: what a person must read, a fault of the system, or a defect. Gives the exit code. */
export function fail(thrown: unknown, exitOf = wrongInput): number {
  const fault = systemFault(thrown);
  // As where it was made under sudo.
  const state = stateDir();
  const hint = fault?.includes(state)
    ? `orch keeps what it knows of hosts in ${state}: let that be your own, or say another place by XDG_STATE_HOME.`
    : undefined;
  const error =
    fault === undefined ? thrown : new OrchError({ code: 'system-fault', summary: fault, hint, cause: thrown });
  if (error instanceof OrchError) tellErrors([error]);
  else if (error instanceof OrchErrors) tellErrors(error.errors);
  else {
    const text = error instanceof Error ? error.stack : String(error);
    process.stderr.write(`orch: internal error: ${hideSecrets(String(text))}\n`);
    return 1;
  }
  const errors = error instanceof OrchErrors ? error.errors : [error];
  const [worst] = errors.map(({ code }) => exitOf(code)).sort((a, b) => b - a);
  return worst ?? 4;
}
