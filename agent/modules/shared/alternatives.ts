/** A link that goes along with the main one. */
export interface Subcommand {
  readonly name: string;
  readonly link: string;
  readonly path: string;
}

export interface Alternative {
  readonly priority: number;
  readonly family: string | undefined;
  readonly subcommands: readonly Subcommand[];
}

/** All that update-alternatives(1) knows of one name. */
export interface Alternatives {
  readonly mode: 'auto' | 'manual' | undefined;
  /** Where the link leads. */
  readonly chosen: string | undefined;
  /** The link itself; Red Hat's does not tell it. */
  readonly link: string | undefined;
  readonly all: ReadonlyMap<string, Alternative>;
}

/** What `update-alternatives --display NAME` says, Debian's or Red Hat's. */
export function parseAlternatives(text: string): Alternatives {
  const all = new Map<string, Alternative & { subcommands: Subcommand[] }>();
  const links = new Map<string, string>();
  let last: { subcommands: Subcommand[] } | undefined;
  for (const line of text.split('\n')) {
    const [, path, family, priority] = /^(\/.*) - (?:family (\S+) )?priority (-?\d+)/.exec(line) ?? [];
    if (path !== undefined) {
      const alternative = { priority: Number(priority), family, subcommands: [] };
      all.set(path, alternative);
      last = alternative;
    }
    const [, linked, link] = /^\s+(?:slave|follower) (\S+) is (\/.*)$/.exec(line) ?? [];
    if (linked !== undefined && link !== undefined) links.set(linked, link);
    const [, name, target] = /^\s+(?:slave|follower) (\S+): (\/.*)$/.exec(line) ?? [];
    if (name !== undefined && target !== undefined)
      last?.subcommands.push({ name, path: target, link: links.get(name) ?? '' });
  }
  const [, mode] = / - (?:status is )?(auto|manual)(?: mode|\.)?\s*$/m.exec(text) ?? [];
  const [, chosen] = /^\s*link currently points to (.*)$/m.exec(text) ?? [];
  const [, link] = /^\s*link (?!best |currently )\S+ is (.*)$/m.exec(text) ?? [];
  return { mode: mode === 'auto' || mode === 'manual' ? mode : undefined, chosen, link, all };
}

/** In any order; where it is not told which link goes with one, that is none to compare. */
export function sameSubcommands(one: readonly Subcommand[], other: readonly Subcommand[]): boolean {
  const has = (list: readonly Subcommand[], { name, path, link }: Subcommand) =>
    list.some(
      (each) => each.name === name && each.path === path && (each.link === link || each.link === '' || link === ''),
    );
  return one.length === other.length && one.every((each) => has(other, each));
}
