type Env = Readonly<Record<string, string | undefined>>;

/** Where text goes, and what it may hold. */
export interface Terminal {
  write(text: string): void;
  /** Asked again for each frame, so that a resize is seen. */
  columns(): number;
  rows(): number;
  readonly color: boolean;
  /** True when lines may be drawn over. */
  readonly live: boolean;
}

/** The parts of a tty.WriteStream that are looked at. */
export interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

const isOn = (value: string) => !/^(?:0|f|false|n|no|off)$/i.test(value);

/** NO_COLOR wins (no-color.org), then FORCE_COLOR (0 and false mean no), then what the stream is; Ansible's names count, too. */
function wantsColor(tty: boolean, env: Env): boolean {
  if (env.NO_COLOR || (env.ANSIBLE_NOCOLOR && isOn(env.ANSIBLE_NOCOLOR))) return false;
  const forced = env.FORCE_COLOR ?? env.ANSIBLE_FORCE_COLOR;
  if (forced !== undefined) return isOn(forced);
  return tty && env.TERM !== 'dumb';
}

/** What a stream can show: live lines only on a real terminal that is not a CI log. */
export function terminalOf(stream: Stream, env: Env): Terminal {
  const tty = stream.isTTY === true;
  return {
    write: (text) => {
      stream.write(text);
    },
    columns: () => stream.columns || 100,
    rows: () => stream.rows || 24,
    color: wantsColor(tty, env),
    live: tty && env.TERM !== 'dumb' && !env.CI && !env.NO_COLOR,
  };
}
