import type { ActionContext } from '../../actions/action.ts';
import { ownKeyboard } from '../../connect/asking/keyboard.ts';
import type { RunEvent } from '../../report/types.ts';

/** The terminal's keys, where there is one; views are told while somebody types. */
export function keyboardOf(emit: (event: RunEvent) => void): ActionContext['keyboard'] {
  const keyboard = ownKeyboard();
  if (keyboard === undefined) return undefined;
  return async (read) => {
    emit({ type: 'typing', begins: true });
    try {
      return await read(keyboard);
    } finally {
      emit({ type: 'typing', begins: false });
    }
  };
}
