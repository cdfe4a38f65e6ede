import type { Step } from '../../module.ts';
import type { ExtraPlan } from '../link/kind.ts';
import type { CommonParams } from '../link/types.ts';
import { placed } from '../place.ts';
import type { Association, MacsecParams } from './params.ts';
import type { Channels, KnownAssociation } from './read.ts';

type Params = CommonParams & MacsecParams;

/** Key ids have 16 bytes; what is written short is filled up behind. */
function wholeId(id: string): string {
  return id.toLowerCase().padEnd(32, '0');
}

/** The commands of ip for one link. */
class Commands {
  readonly steps: Step[] = [];
  /** Associations whose keys destroy can't bring back. */
  readonly lost: string[] = [];
  private readonly params: Params;

  constructor(params: Params) {
    this.params = params;
  }

  /** `undo`: one command, or none where there is no way back or the object goes away with another. */
  add(part: string, words: readonly string[], undo: readonly string[] | undefined): void {
    const { netns, name } = this.params;
    const action = ([verb = '', ...rest]: readonly string[]) =>
      ({ op: 'macsec', netns, dev: name, args: [verb, name, ...rest] }) as const;
    const object = `link ${placed(netns, name)}`;
    this.steps.push({ object, part, action: action(words), undo: undo === undefined ? [] : [action(undo)] });
  }

  /** Leads the associations of one channel, `where`, to those that are wanted. */
  associations(where: readonly string[], wanted: readonly Association[], present: readonly KnownAssociation[]): void {
    const same = (sa: Association, known: KnownAssociation) => sa.an === known.an && wholeId(sa.key_id) === known.keyId;
    const at = (an: number) => [...where, 'sa', String(an)];
    const partOf = (an: number) => at(an).join(' ');
    for (const known of present) {
      if (wanted.some((sa) => same(sa, known))) continue;
      this.lost.push(partOf(known.an));
      // The kernel removes none that is in use.
      if (known.active) this.add(partOf(known.an), ['set', ...at(known.an), 'off'], undefined);
      this.add(partOf(known.an), ['del', ...at(known.an)], undefined);
    }
    for (const sa of wanted) {
      const known = present.find((other) => same(sa, other));
      const state = sa.active ? 'on' : 'off';
      if (known === undefined) {
        const words = [
          'add',
          ...at(sa.an),
          'pn',
          String(sa.pn),
          state,
          'key',
          wholeId(sa.key_id),
          sa.key.toLowerCase(),
        ];
        this.add(partOf(sa.an), words, ['del', ...at(sa.an)]);
      } else if (known.active !== sa.active) {
        this.add(partOf(sa.an), ['set', ...at(sa.an), state], ['set', ...at(sa.an), known.active ? 'on' : 'off']);
      }
    }
  }
}

function channelSteps(commands: Commands, wanted: NonNullable<Params['rx']>, present: Channels['rx']): void {
  const find = <T extends { readonly sci: string }>(all: readonly T[], sci: string) =>
    all.find((other) => other.sci.toLowerCase() === sci.toLowerCase());
  for (const { sci, associations } of present) {
    if (find(wanted, sci) !== undefined) continue;
    if (associations.length > 0) commands.lost.push(`rx sci ${sci}`);
    commands.add(`rx sci ${sci}`, ['del', 'rx', 'sci', sci], ['add', 'rx', 'sci', sci]);
  }
  for (const { sci, active, associations } of wanted) {
    const where = ['rx', 'sci', sci.toLowerCase()];
    const known = find(present, sci);
    const state = active ? 'on' : 'off';
    if (known === undefined) commands.add(where.join(' '), ['add', ...where, state], ['del', ...where]);
    else if (known.active !== active) {
      commands.add(where.join(' '), ['set', ...where, state], ['set', ...where, known.active ? 'on' : 'off']);
    }
    commands.associations(where, associations, known?.associations ?? []);
  }
}

/** Associations by number, and keys by their ids alone. */
function wantedView(associations: readonly Association[]) {
  return associations
    .map(({ an, key_id, active }) => ({ an, key_id: wholeId(key_id), active }))
    .sort((a, b) => a.an - b.an);
}

function presentView(associations: readonly KnownAssociation[]) {
  return associations.map(({ an, keyId, active }) => ({ an, key_id: keyId, active })).sort((a, b) => a.an - b.an);
}

const bySci = (a: { readonly sci: string }, b: { readonly sci: string }) => (a.sci < b.sci ? -1 : 1);

export function planChannels(params: Params, present: Channels): ExtraPlan {
  const { tx, rx } = params;
  const commands = new Commands(params);
  if (tx !== undefined) commands.associations(['tx'], tx, present.tx);
  if (rx !== undefined) channelSteps(commands, rx, present.rx);
  const lost = `destroy cannot bring back keys, which the kernel tells no one: ${commands.lost.join(', ')} of ${params.name}`;
  return {
    steps: commands.steps,
    before: {
      ...(tx === undefined ? {} : { tx: presentView(present.tx) }),
      ...(rx === undefined
        ? {}
        : {
            rx: present.rx
              .map(({ associations, ...sc }) => ({ ...sc, associations: presentView(associations) }))
              .sort(bySci),
          }),
    },
    after: {
      ...(tx === undefined ? {} : { tx: wantedView(tx) }),
      ...(rx === undefined
        ? {}
        : {
            rx: rx
              .map(({ sci, active, associations }) => ({
                sci: sci.toLowerCase(),
                active,
                associations: wantedView(associations),
              }))
              .sort(bySci),
          }),
    },
    warnings: commands.lost.length === 0 ? [] : [lost],
  };
}
