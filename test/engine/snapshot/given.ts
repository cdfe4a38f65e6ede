import { type HostState, type Section, sections } from '../../../agent/engine/snapshot/state.ts';
import { fromStored } from '../../../agent/engine/snapshot/stored-state.ts';

export type Row = Record<string, unknown>;
export type Given = Partial<Record<Section, readonly Row[] | Record<string, string>>>;

/** A host as ip, tc and nft tell of it. */
export function hostOf(given: Given): HostState {
  const { sysctls = {}, ...rows } = given;
  return {
    '': fromStored({
      rows: { ...Object.fromEntries(sections.map((section) => [section, []])), ...(rows as Record<Section, Row[]>) },
      sysctls: sysctls as Record<string, string>,
      unread: {},
    }),
  };
}

/** How many turns others of the agent had during the work. */
export async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let turns = 0;
  let over = false;
  const turn = (): void => {
    turns++;
    if (!over) setImmediate(turn);
  };
  setImmediate(turn);
  await work;
  over = true;
  return turns;
}

export const sysctls = (value: string, count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`net/ipv4/conf/link${n}/rp_filter`, value]));
