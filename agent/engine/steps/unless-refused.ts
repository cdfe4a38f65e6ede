import { OrchError } from '../../../proto/errors.ts';

/** Why the host refused it; undefined when it was done. */
export async function refusal(act: () => Promise<void>): Promise<OrchError | undefined> {
  try {
    await act();
    return undefined;
  } catch (error) {
    if (!(error instanceof OrchError)) throw error;
    return error;
  }
}

/** Does what nothing else hangs on; whether it was done. */
export async function unlessRefused(act: () => Promise<void>): Promise<boolean> {
  return (await refusal(act)) === undefined;
}
