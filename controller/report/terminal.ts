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

/** What Ansible's settings say of colours: `force_color` wins over `nocolor`. */
export interface ColorSettings {
  readonly forceColor: boolean;
  readonly noColor: boolean;
}

/** NO_COLOR wins (no-color.org), then FORCE_COLOR (0 and false mean no), then the settings, then what the stream is. */
function wantsColor(tty: boolean, env: Env, { forceColor, noColor }: ColorSettings): boolean {
  if (env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return !/^(?:0|f|false|n|no|off)$/i.test(env.FORCE_COLOR);
  return forceColor || (!noColor && tty && env.TERM !== 'dumb');
}

/** What a stream can show: live lines only on a real terminal that is not a CI log. */
export function terminalOf(stream: Stream, env: Env, said: ColorSettings): Terminal {
  const tty = stream.isTTY === true;
  return {
    write: (text) => {
      stream.write(text);
    },
    columns: () => stream.columns || 100,
    rows: () => stream.rows || 24,
    color: wantsColor(tty, env, said),
    live: tty && env.TERM !== 'dumb' && !env.CI && !env.NO_COLOR,
  };
}
