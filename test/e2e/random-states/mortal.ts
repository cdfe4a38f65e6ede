import type { ActingHost } from '../../../agent/linux/acting-host.ts';

/** When an agent dies: at which of its changes, and on which side of it. */
export interface Order {
  readonly at: number;
  readonly when: 'before' | 'after';
}

/**
 * A host as an agent sees it that is killed at one of its changes: from then on it hears nothing more, so it writes and does nothing
 * any more. `died` resolves at that moment.
 */
export function mortal<H extends ActingHost>(host: H, { at, when }: Order): { host: H; died: Promise<'died'> } {
  let isDead = false;
  let left = at;
  let die = () => {};
  const never = new Promise<never>(() => undefined);
  const died = new Promise<'died'>((resolve) => {
    die = () => {
      isDead = true;
      resolve('died');
    };
  });
  const unlessDead = async (act: () => unknown, isChange: boolean): Promise<unknown> => {
    if (isDead) return never;
    const isLast = isChange && --left === 0;
    if (isLast && when === 'before') {
      die();
      return never;
    }
    try {
      const value = await act();
      if (isLast) die();
      return isDead ? never : value;
    } catch (error) {
      if (isLast) die();
      if (isDead) return never;
      throw error;
    }
  };
  const proxy = new Proxy(host, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => {
        if (key === 'apply') return unlessDead(() => member.apply(target, args), true);
        if (isDead) return never;
        const result: unknown = member.apply(target, args);
        return result instanceof Promise ? unlessDead(() => result, false) : result;
      };
    },
  });
  return { host: proxy, died };
}
