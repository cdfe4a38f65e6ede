/** What a `meta` has done, as Ansible tells it. */
interface MetaDone {
  readonly order: string;
  readonly host: string;
  /** The role around it. */
  readonly role?: string;
  readonly skipped: boolean;
}

type Words = (of: MetaDone) => string;

const done: Readonly<Record<string, Words>> = {
  flush_handlers: ({ host }) => `triggered running handlers for ${host}`,
  refresh_inventory: () => 'inventory successfully refreshed',
  clear_facts: () => 'facts cleared',
  clear_host_errors: () => 'cleared host errors',
  end_batch: () => 'ending batch',
  end_play: () => 'ending play',
  end_host: ({ host }) => `ending play for ${host}`,
  end_role: ({ role = '', host }) => `ending role ${role} for ${host}`,
  reset_connection: () => 'reset connection',
};

const left: Readonly<Record<string, Words>> = {
  flush_handlers: ({ host }) => `not running handlers for ${host}`,
  clear_facts: ({ host }) => `not clearing facts and fact cache for ${host}`,
  clear_host_errors: ({ host }) => `not clearing host error state for ${host}`,
  end_batch: () => 'continuing current batch',
  end_play: () => 'continuing play',
  end_host: ({ host }) => `continuing execution for ${host}`,
  end_role: ({ role = '', host }) => `continuing role ${role} for ${host}`,
};

export function metaText(of: MetaDone): string {
  const { order, skipped } = of;
  const words = (skipped ? left : done)[order]?.(of) ?? order;
  return `META: ${skipped ? `${order} conditional evaluated to False, ` : ''}${words}`;
}
