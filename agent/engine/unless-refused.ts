import { OrchError } from '../../proto/errors.ts';

/** Does what nothing else hangs on; whether it was done. */
export async function unlessRefused(act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (!(error instanceof OrchError)) throw error;
    return false;
  }
}
