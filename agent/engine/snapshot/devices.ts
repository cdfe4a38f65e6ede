import { rows, text, texts } from '../../modules/shared/rows.ts';
import { deviceOf } from '../../modules/shared/sysctl.ts';

import type { Difference } from './state.ts';

/** The links that a difference is about. */
export function devicesOf({ section, key, before, after }: Difference): readonly string[] {
  if (section === 'links') return [key];
  if (section === 'sysctls') return [deviceOf(key) ?? []].flat();
  return [before, after].flatMap((item) => {
    if (item === undefined || typeof item === 'string') return [];
    const hops = rows(item, 'nexthops').map((hop) => text(hop, 'dev') ?? []);
    return [text(item, 'dev') ?? [], ...hops, ...texts(item, 'links')].flat();
  });
}
